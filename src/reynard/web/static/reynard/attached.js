// Files of the composer: chosen, pasted or dropped, they stand in a list and can be removed before anything is sent.
"use strict";

(() => {
  const composer = document.querySelector(".composer[data-draft]");
  if (!composer) return;

  // As the filter `filesize` of the pages writes it.
  const size = (bytes) => (bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${Math.round(bytes / 1000)} KB` : `${(bytes / 1e6).toFixed(1)} MB`);
  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

  function pane(mode) {
    const list = composer.querySelector(`[data-attached=${mode}]`);
    const input = composer.querySelector(`[name=${mode}_files]`);
    const said = composer.querySelector(`[data-refused=${mode}]`);
    const limit = Number(list.dataset.limit);
    let chosen = [];

    const kept = () => [...list.querySelectorAll("[data-size]")].map((box) => Number(box.dataset.size));
    const used = () => [...kept(), ...chosen.map((file) => file.size)];

    function removeButton(name, remove) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-quiet btn-icon btn-small";
      button.setAttribute("aria-label", fill(list.dataset.remove, { name }));
      button.textContent = "×";
      button.addEventListener("click", () => { remove(); composer.querySelector(`textarea[name=${mode}]`).focus(); });
      return button;
    }

    function show() {
      list.querySelectorAll("[data-chosen]").forEach((item) => item.remove());
      for (const file of chosen) {
        const item = document.createElement("li");
        item.className = "chip";
        item.dataset.chosen = "";
        const name = document.createElement("span");
        name.className = "truncate";
        name.dir = "auto";
        name.textContent = file.name;
        const bytes = document.createElement("span");
        bytes.className = "muted num";
        bytes.textContent = size(file.size);
        item.append(name, bytes, removeButton(file.name, () => { chosen = chosen.filter((one) => one !== file); show(); }));
        list.append(item);
      }
      const carrier = new DataTransfer();
      chosen.forEach((file) => carrier.items.add(file));
      input.files = carrier.files;
    }

    function add(files, refused = []) {
      for (const file of files) {
        if (chosen.some((one) => one.name === file.name && one.size === file.size && one.lastModified === file.lastModified)) continue;
        if (used().length >= Number(list.dataset.many)) refused.push(fill(list.dataset.tooMany, { name: file.name, limit: list.dataset.many }));
        else if (used().reduce((sum, bytes) => sum + bytes, file.size) > limit) refused.push(fill(list.dataset.tooLarge, { name: file.name, limit: `${limit / 1048576} MB` }));
        else chosen.push(file);
      }
      said.textContent = refused.join(" ");
      said.hidden = refused.length === 0;
      show();
    }

    for (const item of list.querySelectorAll("li")) {
      item.append(removeButton(item.querySelector(".truncate").textContent, () => item.remove()));
    }
    input.addEventListener("change", () => add([...input.files]));
    if (input.files.length) add([...input.files]);  // what the browser itself filled in again
    return { add, list };
  }

  const panes = { reply: pane("reply"), note: pane("note") };
  const mode = () => (composer.classList.contains("private") ? "note" : "reply");

  composer.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (!files.length || event.clipboardData.types.includes("text/plain")) return;  // a table comes as text and as a picture
    event.preventDefault();
    const { add, list } = panes[mode()];
    add(files.map((file) => {
      if (file.name !== "image.png") return file;
      const time = new Date().toTimeString().slice(0, 8).replaceAll(":", "-");
      return new File([file], `${list.dataset.pasted} ${time}.png`, { type: file.type });
    }));
  });

  // Anywhere on the page: a file that misses the composer must not take the page away.
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    composer.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) composer.classList.remove("dropping"); });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    composer.classList.remove("dropping");
    const { add, list } = panes[mode()];
    const folders = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry?.isDirectory).map((entry) => entry.name);
    const files = [...event.dataTransfer.files].filter((file) => !folders.includes(file.name));
    add(files, folders.map((name) => fill(list.dataset.folder, { name })));
  });
})();
