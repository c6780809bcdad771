// Canned actions in the composer: a menu that puts a text at the caret and says what else will be set.
"use strict";

(() => {
  const menu = document.getElementById("canned-menu");
  const composer = document.querySelector(".composer[data-draft]");
  if (!menu || !composer) return;
  const field = menu.querySelector("input");
  const list = menu.querySelector("ul");
  const said = menu.querySelector("p");
  let mode = "reply";
  let hash = false;  // opened by a # that stands before the caret
  let found = [];
  let at = 0;
  let turn = 0;

  const area = () => composer.querySelector(`textarea[name=${mode}]`);

  function open(kind, byHash) {
    mode = kind;
    hash = byHash;
    menu.hidden = false;
    field.value = "";
    field.focus();
    search();
  }

  function close(back) {
    if (menu.hidden) return;
    menu.hidden = true;
    if (back) area().focus();
  }

  async function search() {
    const mine = ++turn;
    const answer = await fetch(`${menu.dataset.canned}?${new URLSearchParams({ q: field.value })}`, { credentials: "same-origin" }).catch(() => null);
    if (mine !== turn || !answer?.ok) return;
    found = (await answer.json()).actions;
    at = 0;
    list.replaceChildren(...found.map((action, n) => {
      const item = document.createElement("li");
      item.id = `canned-${action.id}`;
      item.setAttribute("role", "option");
      for (const [tag, text] of [["b", action.name], ["span", action.text], ["span", action.also]]) {
        if (!text) continue;
        const part = document.createElement(tag);
        part.textContent = text;
        part.dir = "auto";
        item.append(part);
      }
      item.addEventListener("pointerdown", (event) => { event.preventDefault(); pick(n); });
      return item;
    }));
    said.textContent = found.length ? "" : menu.dataset.none;
    mark();
  }

  function mark() {
    [...list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === at)));
    const item = list.children[at];
    if (item) { field.setAttribute("aria-activedescendant", item.id); item.scrollIntoView({ block: "nearest" }); }
    else field.removeAttribute("aria-activedescendant");
  }

  function put(text) {
    const target = area();
    const start = target.selectionStart - (hash ? 1 : 0);
    target.setRangeText(text, start, target.selectionEnd, "end");
    target.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function pick(n) {
    const action = found[n];
    if (!action) return;
    close(true);
    put(action.text);
    const line = composer.querySelector(`[data-applied=${mode}]`);
    line.querySelector(`[name=${mode}_canned]`).value = action.id;
    line.querySelector(`[name=${mode}_left_out]`).value = "";
    line.querySelector("[data-also]").textContent = action.also;
    line.querySelector("[data-leave-out]").hidden = false;
    line.hidden = !action.also;
  }

  // A command of the palette, by id and name.
  document.addEventListener("canned", async (event) => {
    open(composer.classList.contains("private") ? "note" : "reply", false);
    field.value = event.detail.name;
    await search();
    pick(found.findIndex((action) => String(action.id) === event.detail.id));
  });

  field.addEventListener("input", search);
  field.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps && found.length) { at = (at + steps[event.key] + found.length) % found.length; mark(); }
    else if (event.key === "Enter" && found.length) pick(at);
    else if (event.key === "Escape" || event.key === "Tab") { close(true); if (hash) put(`#${field.value}`); }
    else if (event.key === " " && hash && !found.length) { close(true); put(`#${field.value} `); }  // a number after all
    else if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
  });
  field.addEventListener("blur", () => close(false));

  for (const button of document.querySelectorAll("[data-canned-open]")) {
    button.addEventListener("click", () => open(button.dataset.cannedOpen, false));
  }
  for (const target of composer.querySelectorAll("textarea")) {
    target.addEventListener("input", (event) => {
      const before = target.value.slice(0, target.selectionStart);
      if (event.data === "#" && /(^|\s)#$/.test(before)) open(target.name, true);
    });
  }
  for (const line of composer.querySelectorAll("[data-applied]")) {
    line.querySelector("[data-leave-out]").addEventListener("click", (event) => {
      line.querySelector(`[name=${line.dataset.applied}_left_out]`).value = "1";
      line.querySelector("[data-also]").textContent = event.target.dataset.leftOut;
      event.target.hidden = true;
      composer.querySelector(`textarea[name=${line.dataset.applied}]`).focus();
    });
  }
})();
