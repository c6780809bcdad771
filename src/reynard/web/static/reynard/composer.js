// The composer: what is written is kept on the desk two seconds after the last key, on the computer at every key.
"use strict";

(() => {
  const composer = document.querySelector(".composer[data-draft]");
  const toast = document.querySelector(".toast[data-left]");
  if (toast) {
    let left = Number(toast.dataset.left);
    const words = toast.querySelector("[data-words]");
    const tick = setInterval(() => {
      left -= 1;
      if (left <= 0) { clearInterval(tick); toast.remove(); return; }
      words.textContent = words.dataset.words.replace("{n}", left);
    }, 1000);
  }
  if (!composer) return;
  const token = composer.querySelector("[name=csrfmiddlewaretoken]").value;
  const timers = {};
  let sending = false;

  function save(kind, text) {
    if (sending) return;
    fetch(composer.dataset.draft, {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": token },
      body: new URLSearchParams({ kind, text }),
      credentials: "same-origin",
      keepalive: true,
    }).then((answer) => { if (answer.ok) localStorage.removeItem(composer.dataset.draft + kind); }).catch(() => {});
  }

  for (const area of composer.querySelectorAll("textarea")) {
    const kind = area.name;
    const key = composer.dataset.draft + kind;
    const left = localStorage.getItem(key);  // what the desk never got
    if (left && !area.value) area.value = left;
    area.addEventListener("input", () => {
      document.documentElement.dataset.doing = kind;
      localStorage.setItem(key, area.value);
      clearTimeout(timers[kind]);
      timers[kind] = setTimeout(() => { delete timers[kind]; save(kind, area.value); }, 2000);
    });
  }
  // Whoever leaves within these two seconds has written it, too.
  window.addEventListener("pagehide", () => {
    for (const kind of Object.keys(timers)) save(kind, composer.querySelector(`textarea[name=${kind}]`).value);
  });
  // The one way from one kind of message to the other: towards what fewer people read.
  composer.querySelector("[data-move-to-note]")?.addEventListener("click", (event) => {
    const [reply, note] = ["reply", "note"].map((kind) => composer.querySelector(`textarea[name=${kind}]`));
    event.target.closest("details").open = false;
    if (reply.value.trim()) {
      note.value = [note.value.trimEnd(), reply.value].filter(Boolean).join("\n\n");
      reply.value = "";
      for (const area of [reply, note]) area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    composer.querySelector("[data-mode=note]").click();
  });
  // Enter in a field would press the first button of the form, which sends the reply, whichever pane it is in.
  composer.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && event.target.matches("input")) event.preventDefault();
  });
  composer.addEventListener("submit", (event) => {
    if (sending) { event.preventDefault(); return; }  // pressed twice
    if (isSilent()) { event.preventDefault(); wait(event.submitter); return; }
    sending = true;
    composer.setAttribute("aria-busy", "true");
    for (const area of composer.querySelectorAll("textarea")) localStorage.removeItem(composer.dataset.draft + area.name);
    Object.values(timers).forEach(clearTimeout);
  });

  // Without an answer from the desk a message waits here, and is sent when there is one; an old one only when asked.
  const OLD = 15 * 60 * 1000;
  const said = document.getElementById("waiting");
  const isSilent = () => !navigator.onLine || document.querySelector("#offline")?.hidden === false;
  let waiting = null;

  function wait(button) {
    waiting = { button, at: Date.now() };
    tell(said.dataset.waiting);
  }

  function tell(words) {
    said.hidden = !words;
    said.querySelector("p").textContent = words;
  }

  function back() {
    for (const area of composer.querySelectorAll("textarea.area")) {
      if (localStorage.getItem(composer.dataset.draft + area.name) !== null) save(area.name, area.value);
    }
    if (!waiting) return;
    const { button, at } = waiting;
    waiting = null;
    if (Date.now() - at > OLD) tell(said.dataset.old.replace("{time}", new Date(at).toTimeString().slice(0, 5)));
    else { tell(""); composer.requestSubmit(button); }
  }

  said.querySelector("button").addEventListener("click", () => { waiting = null; tell(""); });
  document.addEventListener("desk-back", back);
  window.addEventListener("online", () => { if (document.querySelector("#offline")?.hidden !== false) back(); });

  window.addEventListener("pageshow", () => { sending = false; composer.removeAttribute("aria-busy"); });
})();
