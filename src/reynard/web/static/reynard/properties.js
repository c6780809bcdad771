// Properties are saved when they change, one by one, and shown as they are then; the focus stays where it is.
"use strict";

(() => {
  const panel = document.querySelector("#properties");
  if (!panel) return;
  let last = Promise.resolve();
  let mine = false;  // what comes in next is my own change

  const fields = (form) => [...form.elements].filter((field) => field.name && /^(INPUT|SELECT|TEXTAREA)$/.test(field.tagName) && field.type !== "hidden");
  const chosen = (options) => options.map((option) => option.value).join(",");
  const value = (field) => (field.multiple ? chosen([...field.selectedOptions]) : field.value);
  const saved = (field) => {
    if (field.tagName !== "SELECT") return field.defaultValue;
    const marked = [...field.options].filter((option) => option.defaultSelected);
    return chosen(field.multiple || marked.length ? marked : [...field.options].slice(0, 1));
  };
  const differs = (field) => value(field) !== (field.dataset.sent ?? saved(field));

  function changedIn(form) {
    const body = new URLSearchParams();
    for (const field of fields(form)) {
      if (!differs(field)) continue;
      if (field.multiple) {
        body.append(`many-${field.name}`, "1");
        for (const option of field.selectedOptions) body.append(field.name, option.value);
      } else body.append(field.name, field.value);
      field.dataset.sent = value(field);
    }
    return body;
  }

  function say(form, words) {
    let notice = form.querySelector("[data-unsaved]");
    if (!notice) {
      notice = document.createElement("div");
      notice.className = "notice bad";
      notice.dataset.unsaved = "";
      notice.setAttribute("role", "alert");
      form.querySelector("h2").after(notice);
    }
    notice.textContent = words;
  }

  async function save(form) {
    const body = changedIn(form);
    if (![...body].length) return;
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    form.setAttribute("aria-busy", "true");
    let answer;
    try {
      answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
    } catch {
      form.removeAttribute("aria-busy");
      for (const field of fields(form)) delete field.dataset.sent;
      say(form, form.dataset.failed);
      return;
    }
    const there = new URL(answer.url);
    const here = form.action.replace(/change\/.*$/, "");
    if (answer.redirected && there.origin + there.pathname !== here) { location.assign(answer.url); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.querySelector("#properties")) { form.submit(); return; }
    show(page);
    mine = answer.ok;
    document.dispatchEvent(new Event("reynard:changed"));
  }

  // What somebody has begun to change meanwhile stays, and so does the focus.
  function show(page) {
    const focused = panel.contains(document.activeElement) ? document.activeElement : null;
    const begun = [...panel.querySelectorAll("form[data-autosave]")].flatMap(fields).filter((field) => field.id && differs(field)).map((field) => [field.id, field.value]);
    panel.replaceChildren(...page.querySelector("#properties").childNodes);
    for (const [id, value] of begun) {
      const field = document.getElementById(id);
      if (field && !field.multiple) field.value = value;
    }
    const notices = page.querySelector("#toasts .notices");
    if (notices) {
      document.querySelector("#toasts .notices")?.remove();
      document.querySelector("#toasts").prepend(notices);
    }
    for (const part of [".prop-strip", ".bar .title"]) {
      const fresh = page.querySelector(part);
      document.querySelector(part)?.replaceWith(...(fresh ? [fresh] : []));
    }
    const again = focused && (focused.id ? document.getElementById(focused.id) : null);
    again?.focus({ preventScroll: true });
  }

  // What colleagues change shows here, too, unless somebody is at it.
  document.querySelector(".thread").addEventListener("arrived", async () => {
    if (mine) { mine = false; return; }
    const answer = await fetch(location.pathname + location.search, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || panel.contains(document.activeElement)) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page.querySelector("#properties")) show(page);
  });

  const queue = (form) => { last = last.then(() => save(panel.querySelector("form[data-autosave]") || form)); };
  panel.addEventListener("change", (event) => { if (event.target.closest("form[data-autosave]")) queue(event.target.form); });
  panel.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-autosave]")) return;
    event.preventDefault();
    queue(event.target);
  });
})();
