// Markdown by buttons and keys, and how it will look. The browser's own undo takes back what a button did.
"use strict";

(() => {
  const composer = document.querySelector(".composer[data-draft]");
  if (!composer) return;
  const token = composer.querySelector("[name=csrfmiddlewaretoken]").value;
  const area = (mode) => composer.querySelector(`textarea[name=${mode}]`);

  // Put a text in the place of what stands between two places, and select a part of it.
  function put(target, start, end, text, from, to) {
    target.focus();
    target.setSelectionRange(start, end);
    if (!document.execCommand("insertText", false, text)) {
      target.setRangeText(text, start, end, "end");
      target.dispatchEvent(new Event("input", { bubbles: true }));
    }
    target.setSelectionRange(start + from, start + to);
  }

  function wrap(target, mark, end = mark) {
    const { value, selectionStart: from, selectionEnd: to } = target;
    const inside = value.slice(from, to);
    const before = value.slice(0, from).endsWith(mark) && value.slice(to).startsWith(end);
    // **bold** ends in *, too: a single mark counts only where it stands alone.
    const doubled = mark.length === 1 && value[from - 2] === mark;
    if (before && !doubled) put(target, from - mark.length, to + end.length, inside, 0, inside.length);
    else put(target, from, to, mark + inside + end, mark.length, mark.length + inside.length);
  }

  function lines(target, mark) {
    const { value, selectionStart, selectionEnd } = target;
    const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
    const next = value.indexOf("\n", selectionEnd);
    const to = next < 0 ? value.length : next;
    const chosen = value.slice(from, to).split("\n");
    const undo = chosen.every((line) => line.startsWith(mark));
    const text = chosen.map((line) => (undo ? line.slice(mark.length) : mark + line)).join("\n");
    put(target, from, to, text, chosen.length > 1 ? 0 : text.length, text.length);
  }

  function link(target) {
    const { value, selectionStart: from, selectionEnd: to } = target;
    const inside = value.slice(from, to);
    if (/^https?:\/\/\S+$/.test(inside)) put(target, from, to, `[](${inside})`, 1, 1);
    else if (inside) put(target, from, to, `[${inside}](https://)`, inside.length + 3, inside.length + 11);
    else put(target, from, to, "[](https://)", 1, 1);
  }

  function code(target) {
    const inside = target.value.slice(target.selectionStart, target.selectionEnd);
    if (inside.includes("\n")) wrap(target, "```\n", "\n```");
    else wrap(target, "`");
  }

  const FORMATS = {
    bold: (target) => wrap(target, "**"),
    italic: (target) => wrap(target, "*"),
    list: (target) => lines(target, "- "),
    quote: (target) => lines(target, "> "),
    link, code,
  };
  const KEYS = { b: "bold", i: "italic" };

  for (const target of composer.querySelectorAll("textarea.area")) {
    target.addEventListener("keydown", (event) => {
      const format = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && KEYS[event.key.toLowerCase()];
      if (!format) return;
      event.preventDefault();
      FORMATS[format](target);
    });
  }

  async function preview(button) {
    const mode = button.dataset.preview;
    const shown = composer.querySelector(`[data-preview-of=${mode}]`);
    const writing = shown.hidden;
    button.setAttribute("aria-pressed", String(writing));
    if (!writing) { shown.hidden = true; area(mode).hidden = false; area(mode).focus(); return; }
    const answer = await fetch("/inbox/preview/", {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": token },
      body: new URLSearchParams({ text: area(mode).value, mode }),
      credentials: "same-origin",
    }).catch(() => null);
    if (button.getAttribute("aria-pressed") !== "true") return;
    if (answer?.ok) shown.innerHTML = await answer.text();  // sanitised by the desk, like every message
    else shown.textContent = answer?.status === 400 ? await answer.text() : shown.dataset.failed;
    shown.hidden = false;
    area(mode).hidden = true;
    shown.focus();
  }

  // One stop for Tab; arrows go from button to button.
  for (const bar of composer.querySelectorAll("[data-formats]")) {
    const buttons = [...bar.querySelectorAll("button")];
    bar.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      const at = buttons.indexOf(document.activeElement);
      const next = buttons[(at + step + buttons.length) % buttons.length];
      buttons.forEach((button) => { button.tabIndex = button === next ? 0 : -1; });
      next.focus();
    });
    bar.addEventListener("mousedown", (event) => event.preventDefault());  // the selection stays
    for (const button of buttons) {
      button.addEventListener("click", () => {
        if (button.dataset.preview) preview(button);
        else if (!area(bar.dataset.formats).hidden) FORMATS[button.dataset.format](area(bar.dataset.formats));
      });
    }
  }

  // Whoever goes on writing, by a key of the desk as well, sees what they write.
  for (const tab of composer.querySelectorAll("[role=tab]")) {
    tab.addEventListener("click", () => composer.querySelectorAll("[data-preview][aria-pressed=true]").forEach(preview), { capture: true });
  }
})();
