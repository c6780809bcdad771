// "@" in a private note offers the colleagues who may see the ticket; the desk finds the names in the text by itself.
"use strict";

(() => {
  const list = document.getElementById("mention-list");
  const area = document.querySelector(".composer textarea[name=note]");
  if (!list || !area) return;
  const everybody = [...list.children];
  const LIMIT = 8;
  let found = [];
  let at = 0;
  let from = -1;  // of the @ in the text

  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-controls", list.id);

  function close() {
    list.hidden = true;
    from = -1;
    area.removeAttribute("aria-activedescendant");
  }

  function mark() {
    everybody.forEach((item) => item.setAttribute("aria-selected", String(item === found[at])));
    area.setAttribute("aria-activedescendant", found[at].id);
    found[at].scrollIntoView({ block: "nearest" });
  }

  function look() {
    const before = area.value.slice(0, area.selectionStart);
    const typed = /(?<![\w@.+-])@([\p{L}\p{M}' -]{0,40})$/u.exec(before);
    if (!typed) { close(); return; }
    const wanted = typed[1].toLocaleLowerCase();
    const fits = (name) => name.startsWith(wanted) || (wanted && name.split(" ").some((word) => word.startsWith(wanted)));
    found = everybody.filter((item) => fits(item.dataset.name.toLocaleLowerCase())).slice(0, LIMIT);
    if (!found.length || found.some((item) => wanted === item.dataset.name.toLocaleLowerCase())) { close(); return; }
    everybody.forEach((item) => { item.hidden = !found.includes(item); });
    from = before.length - typed[0].length;
    at = 0;
    list.hidden = false;
    mark();
  }

  function pick(item) {
    const start = from;
    close();
    area.focus();
    area.setSelectionRange(start, area.selectionStart);
    const text = `@${item.dataset.name} `;
    if (!document.execCommand("insertText", false, text)) area.setRangeText(text, start, area.selectionEnd, "end");
  }

  area.addEventListener("input", look);
  area.addEventListener("keydown", (event) => {
    if (list.hidden || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) { at = (at + steps[event.key] + found.length) % found.length; mark(); }
    else if (event.key === "Enter" || event.key === "Tab") pick(found[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  area.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const item = event.target.closest("[role=option]");
    if (item) pick(item);
  });
})();
