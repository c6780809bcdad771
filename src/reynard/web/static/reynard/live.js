// New and changed tickets: asked for in the background, shown without moving what somebody points at.
"use strict";

(() => {
  const list = document.querySelector("#tickets[data-live]");
  const thread = document.querySelector(".thread[data-live]");
  if (!list && !thread) return;
  const SECONDS = list ? 15 : 5;
  const AFTER_ERRORS = [15, 30, 60];
  let tag = "", errors = 0, timer = 0, silentSince = 0, waiting = null;

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
    if (banner) banner.hidden = !yes;
  }

  // Rows that are there change in place; order, arrivals and departures wait for "Show".
  function takeList(page) {
    waiting = page.querySelector("#tickets");
    if (!waiting) return;
    const fresh = new Map([...waiting.querySelectorAll(".ticket")].map((row) => [row.id, row]));
    let arrivals = 0;
    if (!busy()) {
      for (const row of list.querySelectorAll(".ticket")) {
        const next = fresh.get(row.id);
        if (!next) row.classList.add("elsewhere");
        else if (next.dataset.version !== row.dataset.version && !row.contains(document.activeElement)) row.replaceWith(next.cloneNode(true));
        else if (next) row.querySelector(".clockbox").replaceChildren(...next.querySelector(".clockbox").cloneNode(true).childNodes);
      }
    }
    for (const id of fresh.keys()) if (!document.getElementById(id)) arrivals++;
    const button = document.querySelector("#fresh");
    button.hidden = arrivals === 0;
    button.textContent = arrivals === 1 ? button.dataset.one : button.dataset.many.replace("{n}", arrivals);
    const rail = page.querySelector("#rail-views");
    if (rail) document.querySelector("#rail-views")?.replaceChildren(...rail.childNodes);
  }

  document.querySelector("#fresh")?.addEventListener("click", (event) => {
    if (!waiting) return;
    event.preventDefault();
    list.replaceChildren(...waiting.cloneNode(true).childNodes);
    event.currentTarget.hidden = true;
  });

  function takeThread(page) {
    const here = page.querySelector("#presence");
    if (here) document.querySelector("#presence")?.replaceChildren(...here.childNodes);
    const added = page.querySelector("#news");
    if (!added || !added.children.length) return;
    thread.dataset.last = added.dataset.last;
    const end = thread.getBoundingClientRect().bottom - innerHeight;
    thread.append(...added.children);
    const pill = document.querySelector("#new-below");
    if (pill && end > 40) pill.hidden = false;
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  window.addEventListener("online", ask);
  plan(list ? SECONDS : 3);
})();
