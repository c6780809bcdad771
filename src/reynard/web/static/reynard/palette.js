// The command palette: what can be done here, found by name. Commands come with the page; only tickets are asked for.
"use strict";

(() => {
  const dialog = document.getElementById("palette");
  const source = document.getElementById("all-commands");
  if (!dialog || !source) return;
  const field = dialog.querySelector("input");
  const list = dialog.querySelector("#commands");
  const context = dialog.querySelector(".ctx");
  const said = dialog.querySelector(".slow");
  const SHOWN = 8;  // of each group
  const USES = "commands";  // how often one has used which, on this computer
  let back = null, of = "", at = 0, timer = 0, slow = 0, turn = 0;

  const uses = () => JSON.parse(localStorage.getItem(USES) || "{}");
  const reachable = () => [...list.querySelectorAll("[data-group]:not([hidden]) .opt:not([hidden])")];
  const groups = () => [...list.querySelectorAll("[data-group]")];
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  function fill() {
    const used = uses();
    list.replaceChildren(source.content.cloneNode(true));
    for (const group of groups()) {
      const sorted = [...group.querySelectorAll(".opt")].sort((a, b) => (used[b.dataset.id] || 0) - (used[a.dataset.id] || 0));
      group.append(...sorted);
    }
    [...list.querySelectorAll(".opt")].forEach((option, n) => { option.id = `command-${n}`; });
    if (/Mac|iPhone|iPad/.test(navigator.platform)) for (const cap of list.querySelectorAll("kbd")) if (cap.textContent === "Ctrl") cap.textContent = "⌘";
  }

  function describe() {
    const number = document.querySelectorAll(".ticket .check:checked").length;
    const row = window.reynard.current();
    const title = document.querySelector(".bar .title h1");
    const group = list.querySelector("[data-group=tickets]");
    let words = title ? title.textContent : number ? dialog.dataset.selected.replace("{n}", number) : row ? row.querySelector(".subject a").textContent : "";
    if (!words && group) group.remove();
    context.textContent = words;
    context.hidden = !words;
  }

  // `property` narrows it to the values of one.
  function open(property = "") {
    if (dialog.open) return;
    back = document.activeElement;
    of = property;
    fill();
    describe();
    field.value = "";
    dialog.showModal();
    field.focus();
    narrow();
  }

  function close() {
    dialog.close();
  }
  dialog.addEventListener("close", () => { clearTimeout(timer); clearTimeout(slow); turn++; if (back?.isConnected) back.focus(); });

  // The places in a label where the words begin; null when one of them is not there.
  function places(label, words) {
    const text = plain(label);
    const found = [];
    for (const word of words) {
      let from = -1;
      do { from = text.indexOf(word, from + 1); } while (from > 0 && /[\p{L}\p{N}]/u.test(text[from - 1]));
      if (from < 0) return null;
      found.push([from, from + word.length]);
    }
    return found.sort((a, b) => a[0] - b[0]);
  }

  function mark(label, found) {
    const text = label.dataset.text ??= label.textContent;
    if (plain(text).length !== text.length) { label.textContent = text; return; }
    const parts = [];
    let end = 0;
    for (const [from, to] of found) {
      if (from < end) continue;
      const marked = document.createElement("mark");
      marked.textContent = text.slice(from, to);
      parts.push(text.slice(end, from), marked);
      end = to;
    }
    label.replaceChildren(...parts, text.slice(end));
  }

  function narrow() {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    for (const group of groups()) {
      if (group.dataset.group === "found" || group.dataset.group === "search") continue;
      let shown = 0;
      for (const option of group.querySelectorAll(".opt")) {
        const label = option.querySelector("[data-words]");
        const found = of ? (option.dataset.set?.startsWith(`${of}:`) ? [] : null) : places(label.dataset.text ?? label.textContent, words);
        const fits = found && (!of || !words.length || plain(option.dataset.name).startsWith(plain(field.value.trim())));
        option.hidden = !fits || (!of && shown >= SHOWN);
        if (fits) { shown++; mark(label, found); }
      }
      group.hidden = shown === 0;
    }
    const search = list.querySelector("[data-group=search]");
    search.hidden = !!of || !words.length;
    const label = search.querySelector("[data-for]");
    label.textContent = label.dataset.for.replace("{words}", field.value.trim());
    if (!words.length || of) list.querySelector("[data-group=found]").hidden = true;
    at = 0;
    point();
    said.textContent = reachable().length ? "" : said.dataset.none;
  }

  function point() {
    const all = reachable();
    list.querySelectorAll("[aria-selected=true]").forEach((option) => option.setAttribute("aria-selected", "false"));
    const option = all[at];
    if (!option) { field.removeAttribute("aria-activedescendant"); return; }
    option.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  async function find() {
    const mine = ++turn;
    const words = field.value.trim();
    const group = list.querySelector("[data-group=found]");
    if (of || words.length < 2) { group.hidden = true; return; }
    slow = setTimeout(() => { said.textContent = said.dataset.words; }, 400);
    try {
      const answer = await fetch(`/inbox/suggest/?${new URLSearchParams({ q: words })}`, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
      if (mine !== turn) return;
      const chosen = reachable()[at];
      group.querySelectorAll(".opt").forEach((option) => option.remove());
      for (const link of page.querySelectorAll("a.opt")) {
        link.dataset.href = link.getAttribute("href");
        group.append(link);
      }
      group.hidden = !group.querySelector(".opt");
      at = Math.max(0, reachable().indexOf(chosen));
      point();
    } catch { /* the commands are there without */ } finally {
      if (mine === turn) { clearTimeout(slow); said.textContent = reachable().length ? "" : said.dataset.none; }
    }
  }

  function run(option) {
    if (!option) return;
    const { id, do: name, set, href, canned } = option.dataset;
    if (id) {
      const used = uses();
      used[id] = (used[id] || 0) + 1;
      localStorage.setItem(USES, JSON.stringify(used));
    }
    const words = field.value.trim();
    close();
    if (href) location.assign(id === "search" ? href + encodeURIComponent(words) : href);
    else if (set !== undefined) window.reynard.set(...set.split(":"));
    else if (canned) document.dispatchEvent(new CustomEvent("canned", { detail: { id: canned, name: option.querySelector("[data-words]").textContent } }));
    else window.reynard.run(name);
  }

  field.addEventListener("input", () => {
    narrow();
    const fitting = of && field.value.trim() ? reachable() : [];
    if (fitting.length === 1) { run(fitting[0]); return; }  // S, then the first letter
    clearTimeout(timer);
    clearTimeout(slow);
    turn++;
    timer = setTimeout(find, 150);
  });
  dialog.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    const all = reachable();
    if (event.key in steps && all.length) at = (at + steps[event.key] + all.length) % all.length;
    else if (event.key === "Enter" && event.target === field) run(all[at]);
    else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") close();
    else return;
    event.preventDefault();
    if (event.key in steps) point();
  });
  list.addEventListener("pointerdown", (event) => { if (event.target.closest(".opt")) event.preventDefault(); });
  list.addEventListener("click", (event) => {
    const option = event.target.closest(".opt");
    if (!option) return;
    event.preventDefault();
    run(option);
  });
  dialog.querySelector(".esc").addEventListener("click", close);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) close(); });  // on the veil

  window.reynard.palette = open;
})();
