// The keyboard. Which key does what stands in the key sheet of the page (keys.py); here stands what is done.
"use strict";

(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const rows = () => [...document.querySelectorAll(".ticket")];
  const go = (address) => { if (address) location.assign(address); };
  const press = (selector) => one(selector)?.click();
  const typing = (element) => element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName)) &&
    !/^(checkbox|radio|button|submit)$/.test(element.type || "");

  // --- the list

  const current = () => one(".ticket.cursor") || one(".ticket:focus-within");

  function putCursor(row) {
    rows().forEach((other) => other.classList.toggle("cursor", other === row));
    if (!row) return;
    one(".subject a", row).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function moveCursor(step) {
    const all = rows();
    const at = all.indexOf(current());
    putCursor(all[Math.max(0, Math.min(all.length - 1, (at < 0 ? (step > 0 ? -1 : all.length) : at) + step))]);
  }

  const boxOf = (row) => one(".check", row);
  const changed = () => rows()[0] && boxOf(rows()[0]).dispatchEvent(new Event("change", { bubbles: true }));

  function select(upToHere) {
    const row = current();
    if (!row) return;
    const all = rows();
    const here = all.indexOf(row);
    let from = here;
    if (upToHere) while (from > 0 && !boxOf(all[from - 1]).checked) from--;
    if (!upToHere || from === 0) from = here;
    const to = upToHere || !boxOf(row).checked;
    all.slice(from, here + 1).forEach((item) => { boxOf(item).checked = to; });
    changed();
  }

  // Selected tickets, or else the one the cursor is at.
  function selected() {
    if (!one(".ticket .check:checked") && current()) select(false);
    return one(".ticket .check:checked");
  }

  // --- the ticket, or those selected

  function set(property, value) {
    const field = one(`#p-${property}`);
    if (field) { field.value = value; if (field.value === value) field.form.requestSubmit(); return; }
    if (selected()) press(`.bulk button[name=do][value="${property}:${value}"]`);
  }

  // On a ticket the palette asks for the value; in the list, a menu of the bulk bar.
  function ask(property) {
    if (one(`#p-${property}`)) { window.reynard.palette?.(property); return; }
    const menu = selected() && one(`.bulk [data-menu=${property}]`);
    if (!menu) return;
    closeMenus();
    menu.open = true;
    one("button, input", menu)?.focus();
  }

  const command = (selector) => one("#all-commands")?.content.querySelector(selector);

  function chosenByLetter(menu, letter) {
    const items = [...menu.querySelectorAll(".menu :is(button, a)")];
    const fitting = items.filter((item) => item.textContent.trim().toLowerCase().startsWith(letter));
    if (fitting.length === 1) fitting[0].click();
    else if (fitting.length) fitting[(fitting.indexOf(document.activeElement) + 1) % fitting.length].focus();
    return fitting.length > 0;
  }

  function moveInMenu(menu, step) {
    const items = [...menu.querySelectorAll(".menu :is(button, a, input)")];
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length]?.focus();
  }

  function closeMenus() {
    const open = one("details.menu-of[open]");
    const inside = open?.contains(document.activeElement);
    document.querySelectorAll("details.menu-of[open], details.account[open]").forEach((menu) => { menu.open = false; });
    if (inside) (current() ? one(".subject a", current()) : one("summary", open)).focus();
  }

  function compose(kind) {
    press(`.composer [data-mode=${kind}]`);
  }

  function moveMessage(step) {
    const all = [...document.querySelectorAll(".thread article")].filter((item) => item.offsetParent);
    if (!all.length) return;
    const top = (one(".bar")?.offsetHeight || 0) + 8;
    let at = all.indexOf(document.activeElement.closest?.("article"));
    if (at < 0) at = step > 0 ? all.findIndex((item) => item.getBoundingClientRect().top >= top) - 1 : all.findLastIndex((item) => item.getBoundingClientRect().top < top) + 1;
    const item = all[Math.max(0, Math.min(all.length - 1, at + step))];
    item.tabIndex = -1;
    item.focus({ preventScroll: true });
    scrollBy({ top: item.getBoundingClientRect().top - top });
  }

  function send(waiting) {
    const pane = document.activeElement.closest(".composer .pane");
    if (!pane) return;
    const status = waiting && one("[data-waiting]", pane);
    if (status) status.closest("select").value = status.value;
    one("button[name=mode], button[name=anyway]", pane)?.click();
  }

  function say(words) {
    const said = one("#said");
    if (said) said.textContent = words;
  }

  const HANDLERS = {
    search: () => one(".bar input[type=search]")?.focus(),
    palette: () => window.reynard.palette?.(),
    new: () => go("/inbox/new/"),
    go_needs_reply: () => go("/inbox/?view=needs-reply"),
    go_mine: () => go("/inbox/?view=mine"),
    go_unassigned: () => go("/inbox/?view=unassigned"),
    go_waiting: () => go("/inbox/?view=waiting"),
    go_mentions: () => go("/inbox/?view=mentions"),
    go_drafts: () => go("/inbox/?view=drafts"),
    go_all: () => go("/inbox/"),
    go_solved: () => go("/inbox/?view=solved"),
    fresh: () => press("#fresh:not([hidden])"),
    undo: () => press("form[action='/inbox/undo/'] button, [data-undo]"),
    sheet: () => one("#key-sheet")?.showModal(),
    leave: () => { closeMenus(); if (typing(document.activeElement)) document.activeElement.blur(); },
    next_row: () => moveCursor(1),
    previous_row: () => moveCursor(-1),
    first_row: () => putCursor(rows()[0]),
    last_row: () => putCursor(rows().at(-1)),
    open: () => one(".subject a", current() || undefined)?.click(),
    select: () => select(false),
    select_to: () => select(true),
    select_page: () => { rows().forEach((row) => { boxOf(row).checked = true; }); changed(); },
    assign: () => ask("assignee"),
    take: () => set("assignee", one("[data-me]").dataset.me),
    status: () => ask("status"),
    solve: () => { const done = command("[data-behavior=completed]"); if (done) set(...done.dataset.set.split(":")); },
    priority: () => ask("priority"),
    category: () => ask("category"),
    tags: () => (one("#p-tags") ? one("#p-tags").focus() : ask("tags")),
    merge: () => (one(".composer") ? go(one("[data-merge]")?.href) : selected() && press(".bulk [value='merge:']")),
    reply: () => compose("reply"),
    note: () => compose("note"),
    forward: () => go(one("[data-forward]")?.href),
    canned: () => (one(".composer")
      ? [...document.querySelectorAll("[data-canned-open]")].find((button) => button.offsetParent)?.click()
      : selected() && press(".bulk [value='canned:']")),
    due: () => one("#p-due")?.focus(),
    subscribe: () => press("[data-subscribe]"),
    next_ticket: () => go(one("[data-next]")?.href),
    previous_ticket: () => go(one("[data-previous]")?.href),
    next_message: () => moveMessage(1),
    previous_message: () => moveMessage(-1),
    history: () => document.querySelectorAll("details.event, details.earlier, .event details").forEach((item) => { item.open = !item.open; }),
    copy: () => navigator.clipboard?.writeText(location.href).then(() => say(one("#said").dataset.copied)),
    back: () => go(one("[aria-keyshortcuts=u]")?.href),
    send: () => send(false),
    send_waiting: () => send(true),
    other_kind: () => compose(one(".composer")?.classList.contains("private") ? "reply" : "note"),
  };
  window.reynard = { run: (name) => HANDLERS[name]?.(), set, current, selected, typing };

  // --- from keys to what they do

  const BINDINGS = [...document.querySelectorAll("#key-sheet [data-do]")].filter((item) => item.dataset.do).flatMap((item) =>
    item.dataset.keys.split("|").map((keys) => ({ keys, name: item.dataset.do, where: item.parentElement.dataset.where })));

  const WORKS = {
    anywhere: () => true,
    list: () => rows().length > 0,
    tickets: () => rows().length > 0 || one(".composer"),
    ticket: () => one(".composer"),
    composer: () => document.activeElement.closest?.(".composer"),
  };

  // Letters by the place of the key where the layout has others.
  function letterOf(event) {
    if (event.key.length !== 1) return event.key;
    return event.key > "\u02ff" && /^Key[A-Z]$/.test(event.code) ? event.code[3].toLowerCase() : event.key.toLowerCase();
  }

  function spelled(event) {
    const letter = letterOf(event);
    const shift = event.shiftKey && (letter.length > 1 || /^[a-z]$/.test(letter));
    return `${event.ctrlKey || event.metaKey ? "Control+" : ""}${event.altKey ? "Alt+" : ""}${shift ? "Shift+" : ""}${letter}`;
  }

  const find = (keys) => BINDINGS.find((binding) => binding.keys === keys && WORKS[binding.where]());
  const lettersAreOff = document.documentElement.dataset.letters === "off";

  let leader = "", at = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || one("dialog[open]")) return;
    const keys = spelled(event);
    const single = !event.ctrlKey && !event.metaKey && !event.altKey;
    const menu = one("details.menu-of[open]");
    if (menu?.contains(document.activeElement) && single && !typing(event.target)) {
      if (/^[a-z]$/.test(keys) && !lettersAreOff && chosenByLetter(menu, keys)) { event.preventDefault(); return; }
      if (keys === "ArrowDown" || keys === "ArrowUp") { event.preventDefault(); moveInMenu(menu, keys === "ArrowDown" ? 1 : -1); return; }
      if (keys !== "Escape") return;
    }
    const text = typing(event.target);
    if (text && single && keys !== "Escape") return;
    if (text && keys === "Control+a") return;
    if (lettersAreOff && single && letterOf(event).length === 1) return;
    const sequence = leader && Date.now() - at < 1500 ? find(`${leader} ${keys}`) : null;
    leader = "";
    const binding = sequence || find(keys);
    if (!binding) {
      if (single && BINDINGS.some((other) => other.keys.startsWith(`${keys} `))) { leader = keys; at = Date.now(); }
      return;
    }
    if (binding.name === "open" && event.target.closest("a, button, summary, input")) return;  // Enter does its own
    if (binding.name === "leave" && !text && !menu) return;
    event.preventDefault();
    HANDLERS[binding.name]();
  });

  if (/Mac|iPhone|iPad/.test(navigator.platform)) {
    for (const cap of document.querySelectorAll("#key-sheet kbd")) if (cap.textContent === "Ctrl") cap.textContent = "⌘";
  }

  // --- how many are selected, and a box for all of the page

  const list = one("#list");
  const all = one("#select-all");
  if (all) all.hidden = false;
  list?.addEventListener("change", (event) => {
    if (event.target === all) rows().forEach((row) => { boxOf(row).checked = all.checked; });
    const chosen = list.querySelectorAll(".ticket .check:checked").length;
    const said = one("#selected");
    const whole = one(".bulk [name=all]");
    if (whole && event.target !== whole) whole.checked = false;
    if (said) said.textContent = whole?.checked ? said.dataset.all : said.dataset.words.replace("{n}", chosen);
    if (all) { all.checked = chosen > 0 && chosen === rows().length; all.indeterminate = chosen > 0 && chosen < rows().length; }
  });
  list?.addEventListener("reset", () => setTimeout(() => {
    changed();
    if (current()) one(".subject a", current()).focus();
  }));

  // --- where one was: kept over an action or a ticket, else the next row that is still there

  const KEPT = "row";
  function keepPlace() {
    const row = current() || one(".ticket:has(.check:checked)");
    if (!row) return;
    const ids = rows().map((other) => other.id);
    const here = ids.indexOf(row.id);
    sessionStorage.setItem(KEPT, JSON.stringify({ at: location.search, ids: [...ids.slice(here), ...ids.slice(0, here).reverse()] }));
  }
  list?.addEventListener("submit", keepPlace);
  list?.addEventListener("click", (event) => { if (event.target.closest(".subject a")) keepPlace(); });
  one("form[action='/inbox/undo/']")?.addEventListener("submit", keepPlace);
  if (list) {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
    sessionStorage.removeItem(KEPT);
    const ticket = document.referrer.match(/\/inbox\/ticket\/(\d+)\//)?.[1];  // the one that was left last
    const ids = [...(ticket ? [`t${ticket}`] : []), ...(kept && (ticket || kept.at === location.search) ? kept.ids : [])];
    const id = ids.find((one) => document.getElementById(one));
    if (id) putCursor(document.getElementById(id));
  }
  window.reynard.putCursor = putCursor;

  // Menus that say they are buttons say whether they are open, too.
  for (const button of document.querySelectorAll("summary[role=button]")) {
    const say = () => button.setAttribute("aria-expanded", String(button.parentElement.open));
    button.parentElement.addEventListener("toggle", say);
    say();
  }

  // One open menu at a time; a click elsewhere closes it.
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu-of[open], details.account[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
})();
