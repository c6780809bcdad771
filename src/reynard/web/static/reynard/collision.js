// A public message that arrives while one writes: it is said who wrote, and a reply takes a deliberate press then.
"use strict";

(() => {
  const box = document.getElementById("collision");
  const thread = document.querySelector(".thread[data-live]");
  const composer = document.querySelector(".composer[data-draft]");
  if (!box || !thread || !composer) return;
  const seen = composer.querySelector("[name=seen]");
  const lastOfStaff = composer.querySelector("[name=last_seen]");

  const isWriting = () => [...composer.querySelectorAll("textarea.area")].some((area) => area.value.trim()) || composer.querySelector("[data-attached] li");

  function tell(article) {
    const staff = article.classList.contains("us");
    box.querySelector("[data-said]").textContent = (staff ? box.dataset.staff : box.dataset.contact).replace("{name}", article.querySelector(".name").textContent);
    box.querySelector("[data-read]").hash = article.id;
    box.hidden = false;
    const send = composer.querySelector(".reply-pane button[name=mode]");
    if (!send) return;
    send.name = "anyway";
    send.value = "1";
    send.textContent = box.dataset.anyway;
  }

  thread.addEventListener("arrived", (event) => {
    const writing = isWriting();
    for (const article of event.detail.filter((node) => node.matches?.("article.msg:not(.note)"))) {
      const mine = article.dataset.author === composer.dataset.me;
      if (writing && !mine) { tell(article); continue; }
      if (article.classList.contains("us")) lastOfStaff.value = article.id.slice(1);
    }
    if (!writing) seen.value = thread.dataset.last;
  });

  box.querySelector("[data-keep-writing]").addEventListener("click", () => {
    box.hidden = true;
    composer.querySelector(`textarea[name=${composer.classList.contains("private") ? "note" : "reply"}]`).focus();
  });
})();
