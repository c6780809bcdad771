// A change of many tickets goes on while its person works: each answer says how far it is.
"use strict";

(() => {
  const toasts = document.getElementById("toasts");
  const first = document.getElementById("run");
  if (!first) return;
  let failures = 0;

  async function goOn(run) {
    const form = new FormData(run.querySelector("form"));
    form.set("back", location.pathname + location.search);
    try {
      const answer = await fetch(run.dataset.goOn, { method: "POST", body: form, headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      failures = 0;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.getElementById("run");
      for (const form of page.querySelectorAll("[name=back]")) form.value = location.pathname + location.search;
      if (next && document.getElementById("run")) document.getElementById("run").replaceWith(next);
      else { document.getElementById("run")?.remove(); toasts.append(...page.body.childNodes); }
      if (next) setTimeout(goOn, 300, next);
    } catch {
      failures++;
      if (failures < 20) setTimeout(goOn, 3000, run);
    }
  }
  goOn(first);
})();
