// The keyboard map: single letters where no text field has the focus; "?" shows them all.
"use strict";

(() => {
  const typing = (element) => element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName)) &&
    !/^(checkbox|radio|button|submit)$/.test(element.type || "");
  const rows = () => [...document.querySelectorAll(".ticket")];
  const one = (selector) => document.querySelector(selector);
  const go = (address) => { if (address) location.assign(address); };
  let cursor = -1;

  function moveCursor(step) {
    const all = rows();
    if (!all.length) return;
    const present = all.findIndex((row) => row.classList.contains("cursor"));
    cursor = Math.max(0, Math.min(all.length - 1, (present < 0 ? (step > 0 ? -1 : all.length) : present) + step));
    all.forEach((row, n) => row.classList.toggle("cursor", n === cursor));
    all[cursor].querySelector(".subject a").focus({ preventScroll: true });
    all[cursor].scrollIntoView({ block: "nearest" });
  }

  function current() {
    return one(".ticket.cursor") || one(".ticket:focus-within");
  }

  function select(extend) {
    const row = current();
    if (!row) return;
    const box = row.querySelector(".check");
    box.checked = !box.checked;
    if (extend) {
      const all = rows();
      const here = all.indexOf(row);
      for (let n = here - 1; n >= 0 && !all[n].querySelector(".check").checked; n--) all[n].querySelector(".check").checked = true;
    }
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // A menu of the bulk bar, or the property beside the ticket.
  function choose(name) {
    const bar = one(".ticket .check:checked") && [...document.querySelectorAll(".bulk summary")].find((item) => item.textContent.trim().startsWith(name));
    if (bar) { bar.parentElement.open = true; bar.parentElement.querySelector("button")?.focus(); return; }
    const row = current();
    if (row && !one(".composer")) { select(false); choose(name); return; }
    const field = one(`#p-${name.toLowerCase()}`);
    if (field) { field.focus(); field.showPicker?.(); }
  }

  function compose(kind) {
    const composer = one(".composer");
    if (!composer) return;
    composer.querySelector(`[data-mode=${kind}]`).click();
  }

  const VIEWS = { r: "needs-reply", m: "mine", u: "unassigned", w: "waiting", d: "drafts", a: "all", s: "solved" };
  const KEYS = {
    "/": () => one("input[type=search]")?.focus(),
    "?": () => one("#key-sheet")?.showModal(),
    ".": () => one("#fresh:not([hidden])")?.click(),
    t: () => go("/inbox/new/"),
    z: () => one("form[action='/inbox/undo/'] button, [data-undo]")?.click(),
    j: () => (one(".composer") ? go(one("[data-next]")?.href) : moveCursor(1)),
    k: () => (one(".composer") ? go(one("[data-previous]")?.href) : moveCursor(-1)),
    ArrowDown: () => one(".composer") || moveCursor(1),
    ArrowUp: () => one(".composer") || moveCursor(-1),
    x: () => select(false),
    X: () => select(true),
    u: () => go(one("[aria-keyshortcuts=u]")?.href),
    r: () => compose("reply"),
    n: () => compose("note"),
    a: () => choose("Assign"),
    s: () => choose("Status"),
    p: () => choose("Priority"),
    v: () => choose("Category"),
    l: () => one("#p-tags")?.focus(),
    c: () => [...document.querySelectorAll("[data-canned-open]")].find((button) => button.offsetParent)?.click(),
    d: () => one("#p-due")?.focus(),
    f: () => go(one("[data-forward]")?.href),
    b: () => one("[data-subscribe]")?.click(),
    i: () => document.querySelector("[data-take]")?.click(),
    h: () => document.querySelectorAll("details.event, details.earlier").forEach((item) => { item.open = !item.open; }),
    m: () => (one(".ticket .check:checked") ? one(".bulk [value='merge:']")?.click() : go(one("[data-merge]")?.href)),
    y: () => navigator.clipboard?.writeText(location.href),
  };

  let leader = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey) return;
    const field = event.target;
    if (event.key === "Escape") {
      document.querySelectorAll("details.menu-of[open]").forEach((menu) => { menu.open = false; });
      if (typing(field)) field.blur();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && field.closest?.(".composer")) {
      event.preventDefault();
      const pane = field.closest(".pane");
      if (event.shiftKey && pane.querySelector("[data-waiting]")) pane.querySelector("select").value = pane.querySelector("[data-waiting]").value;
      pane.querySelector("button[name=mode], button[name=anyway]").click();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "a" && !typing(field) && rows().length) {
      event.preventDefault();
      rows().forEach((row) => { row.querySelector(".check").checked = true; });
      rows()[0].querySelector(".check").dispatchEvent(new Event("change", { bubbles: true }));
      return;
    }
    if (event.ctrlKey || event.metaKey || typing(field)) return;
    if (leader && Date.now() - leader < 1500 && VIEWS[event.key]) {
      leader = 0;
      event.preventDefault();
      go(VIEWS[event.key] === "all" ? "/inbox/" : `/inbox/?view=${VIEWS[event.key]}`);
      return;
    }
    leader = event.key === "g" ? Date.now() : 0;
    const act = KEYS[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });

  // How many are selected, and a box for all of the page.
  const list = one("#list");
  const all = one("#select-all");
  if (all) all.hidden = false;
  list?.addEventListener("change", (event) => {
    if (event.target === all) rows().forEach((row) => { row.querySelector(".check").checked = all.checked; });
    const chosen = list.querySelectorAll(".ticket .check:checked").length;
    const said = one("#selected");
    if (said) said.textContent = said.dataset.words.replace("{n}", chosen);
    if (all) { all.checked = chosen > 0 && chosen === rows().length; all.indeterminate = chosen > 0 && chosen < rows().length; }
  });

  // One open menu at a time; a click elsewhere closes it.
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu-of[open], details.account[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
})();
