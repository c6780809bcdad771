// New and changed tickets: asked for in the background, shown without moving what somebody points at.
"use strict";

(() => {
  const list = document.querySelector("#tickets[data-live]");
  const thread = document.querySelector(".thread[data-live]");
  if (!list && !thread) return;
  const SECONDS = list ? 15 : 5;
  const AFTER_ERRORS = [15, 30, 60];
  let tag = list?.dataset.tag || "", errors = 0, timer = 0, silentSince = 0, waiting = null;

  const busy = () => document.querySelector("details.menu-of[open], .ticket .check:checked") || document.querySelector(":active");
  const address = () => (list ? list.dataset.live : `${thread.dataset.live}?after=${thread.dataset.last}&doing=${document.documentElement.dataset.doing || "looking"}`);

  function plan(seconds) {
    clearTimeout(timer);
    timer = setTimeout(ask, seconds * 1000);
  }

  async function ask() {
    if (document.hidden) return;
    try {
      const answer = await fetch(address(), { headers: { "HX-Request": "true", "If-None-Match": tag }, credentials: "same-origin" });
      if (answer.headers.get("HX-Redirect")) { location.assign(answer.headers.get("HX-Redirect")); return; }
      if (answer.status === 200) {
        tag = answer.headers.get("ETag") || "";
        const html = await answer.text();
        (list ? takeList : takeThread)(new DOMParser().parseFromString(html, "text/html"));
      } else if (answer.status !== 304 && answer.status !== 204) throw new Error(String(answer.status));
      errors = 0;
      silentSince = 0;
      offline(false);
      plan(SECONDS);
    } catch {
      silentSince ||= Date.now();
      if (Date.now() - silentSince > 10_000 || !navigator.onLine) offline(true);
      plan(AFTER_ERRORS[Math.min(errors++, AFTER_ERRORS.length - 1)]);
    }
  }

  function offline(yes) {
    const banner = document.querySelector("#offline");
    if (!banner || banner.hidden === !yes) return;
    banner.hidden = !yes;
    document.dispatchEvent(new Event(yes ? "desk-silent" : "desk-back"));
  }

  // --- the list: rows that are there change in place; order, arrivals and departures wait for "Show"

  const rowsOf = (within) => [...within.querySelectorAll(".ticket")];
  const FOCUSED = [".subject a", ".check", ".owner button"];

  // Another row in the place of one that is there: the cursor, the tick and the focus stay.
  function exchange(row, next) {
    const focused = FOCUSED.find((selector) => row.querySelector(selector) === document.activeElement);
    next.classList.toggle("cursor", row.classList.contains("cursor"));
    next.querySelector(".check").checked = row.querySelector(".check").checked;
    row.replaceWith(next);
    if (focused) (next.querySelector(focused) || next.querySelector(FOCUSED[0])).focus({ preventScroll: true });
  }

  function takeList(page) {
    const now = page.querySelector("#tickets");
    if (!now) return;
    waiting = now;
    const fresh = new Map(rowsOf(now).map((row) => [row.id, row]));
    if (!busy()) {
      for (const row of rowsOf(list)) {
        const next = fresh.get(row.id);
        if (!next) continue;
        if (next.dataset.version !== row.dataset.version) exchange(row, next.cloneNode(true));
        else row.querySelector(".clockbox").replaceChildren(...next.querySelector(".clockbox").cloneNode(true).childNodes);
      }
    }
    const gone = rowsOf(list).filter((row) => !fresh.has(row.id));
    if (gone.length) sayWhatBecameOf(gone);
    const arrivals = [...fresh.keys()].filter((id) => !document.getElementById(id)).length;
    const button = document.querySelector("#fresh");
    const first = !/[?&]page=(?!1(&|$))/.test(list.dataset.live);
    const words = !first && (arrivals || gone.length) ? button.dataset.page
      : arrivals ? (arrivals === 1 ? button.dataset.one : button.dataset.many.replace("{n}", arrivals)) : "";
    if (button.textContent !== words) button.textContent = words;
    button.hidden = !words;
    const rail = page.querySelector("#rail-views");
    const shown = document.querySelector("#rail-views");
    if (rail && shown && !shown.contains(document.activeElement)) shown.replaceChildren(...rail.childNodes);
  }

  // Who solved it, or took it out of this list otherwise. A ticket that only others pushed down has not changed.
  async function sayWhatBecameOf(rows) {
    const asked = new URLSearchParams(rows.map((row) => ["ticket", row.id.slice(1)]));
    const answer = await fetch(`/inbox/elsewhere/?${asked}`, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || busy()) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const row of rows) {
      const became = page.querySelector(`[data-ticket=${row.id}]`);
      if (!row.isConnected || became?.dataset.version === row.dataset.version) continue;
      row.classList.add("elsewhere");
      const words = document.createElement("b");
      words.textContent = became?.textContent || list.dataset.gone;
      row.querySelector(".snip").replaceChildren(words);
    }
  }

  // The cursor and the focus stay at their ticket, or go to the next one that is still there.
  document.querySelector("#fresh")?.addEventListener("click", (event) => {
    if (!waiting) return;
    event.preventDefault();
    const old = rowsOf(list);
    const at = old.findIndex((row) => row.classList.contains("cursor") || row.contains(document.activeElement));
    const ticked = old.filter((row) => row.querySelector(".check").checked).map((row) => row.id);
    list.replaceChildren(...waiting.cloneNode(true).childNodes);
    for (const id of ticked) { const row = document.getElementById(id); if (row) row.querySelector(".check").checked = true; }
    const total = document.querySelector("#total");
    if (total) {
      document.title = document.title.replace(`(${total.textContent})`, `(${waiting.dataset.total})`);
      total.textContent = waiting.dataset.total;
    }
    event.currentTarget.hidden = true;
    event.currentTarget.textContent = "";
    const kept = at < 0 ? null : [...old.slice(at), ...old.slice(0, at).reverse()].map((row) => document.getElementById(row.id)).find(Boolean);
    window.reynard?.putCursor(kept || list.querySelector(".ticket"));
    list.querySelector(".check")?.dispatchEvent(new Event("change", { bubbles: true }));
  });

  function takeThread(page) {
    const here = page.querySelector("#presence");
    if (here) document.querySelector("#presence")?.replaceChildren(...here.childNodes);
    const added = page.querySelector("#news");
    if (!added || !added.children.length) return;
    thread.dataset.last = added.dataset.last;
    const outOfSight = thread.getBoundingClientRect().bottom - innerHeight > 40;
    const arrived = [...added.children];
    thread.append(...arrived);
    thread.dispatchEvent(new CustomEvent("arrived", { detail: arrived }));
    const fresh = arrived.filter((one) => one.matches("article.msg"));
    if (fresh.length && outOfSight) sayBelow(fresh);
  }

  // How many came below what is read, until they have been seen.
  const pill = document.querySelector("#new-below");
  let below = [];
  function sayBelow(fresh) {
    below.push(...fresh);
    pill.href = `#${below[0].id}`;
    pill.textContent = below.length === 1 ? pill.dataset.one : pill.dataset.many.replace("{n}", below.length);
    pill.hidden = false;
    for (const one of fresh) seen.observe(one);
  }
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    pill.hidden = true;
    for (const one of below) seen.unobserve(one);
    below = [];
  }, { rootMargin: "0px 0px -200px" });

  document.addEventListener("reynard:changed", ask);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  window.addEventListener("online", ask);
  plan(list ? SECONDS : 3);
})();
