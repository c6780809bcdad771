// The search box completes terms and shows tickets that match. Without this script it is a plain form.
"use strict";

(() => {
  const box = document.querySelector("input[role=combobox][name=q]");
  if (!box) return;
  const form = box.form;
  const list = document.getElementById("completions");
  const said = form.querySelector(".slow");
  let chosen = -1, timer = 0, slow = 0, asked = "";

  // Words after 400 ms, nothing before.
  function waits(yes) {
    clearTimeout(slow);
    said.textContent = "";
    if (yes) slow = setTimeout(() => { open(false); said.textContent = said.dataset.words; }, 400);
  }

  const options = () => [...list.querySelectorAll("[role=option]")];

  function open(yes) {
    const shown = yes && options().length > 0;
    list.style.display = shown ? "block" : "none";
    box.setAttribute("aria-expanded", String(shown));
    if (!shown) mark(-1);
  }

  function mark(n) {
    chosen = n;
    options().forEach((option, at) => option.setAttribute("aria-selected", String(at === n)));
    const option = options()[n];
    if (option) { box.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
    else box.removeAttribute("aria-activedescendant");
  }

  async function ask() {
    asked = box.value;
    waits(true);
    try {
      const answer = await fetch(`/inbox/suggest/?q=${encodeURIComponent(asked)}`, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (!answer.ok || box.value !== asked) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      list.replaceChildren(...page.body.childNodes);
      open(document.activeElement === box);
    } catch { open(false); } finally { if (box.value === asked) waits(false); }
  }

  function take(option) {
    if (option.dataset.query !== undefined) {
      box.value = option.dataset.query;
      box.focus();
      ask();
    } else if (option.href) location.assign(option.href);
    else form.requestSubmit();
  }

  form.addEventListener("submit", () => { clearTimeout(timer); asked = null; waits(true); });
  addEventListener("pageshow", () => waits(false));
  box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 150); });
  box.addEventListener("focus", () => { if (box.value) ask(); });
  box.addEventListener("blur", () => setTimeout(() => open(false), 150));
  list.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) { event.preventDefault(); take(option); }
  });
  box.addEventListener("keydown", (event) => {
    const shown = box.getAttribute("aria-expanded") === "true";
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!shown) return;
      event.preventDefault();
      const count = options().length;
      mark((chosen + (event.key === "ArrowDown" ? 1 : -1) + count) % count);
    } else if (event.key === "Tab" && shown && !event.shiftKey) {
      const option = options()[chosen < 0 ? 0 : chosen];
      if (option && option.dataset.query !== undefined) { event.preventDefault(); take(option); }
    } else if (event.key === "Enter" && shown && chosen >= 0) {
      event.preventDefault();
      take(options()[chosen]);
    } else if (event.key === "Escape" && shown) {
      event.stopPropagation();
      open(false);
    }
  });
})();
