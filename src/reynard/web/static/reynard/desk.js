// The pages work without this file. It tells the reader's time zone and makes what is there quicker.
"use strict";

document.cookie = `time_zone=${Intl.DateTimeFormat().resolvedOptions().timeZone}; path=/; max-age=31536000; samesite=lax`;

document.documentElement.classList.add("scripted");

// The composer shows the pane of the chosen kind. Each keeps its own text.
function chooseKind(composer, kind) {
  composer.classList.toggle("private", kind === "note");
  for (const tab of composer.querySelectorAll("[role=tab]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.mode === kind));
    tab.tabIndex = tab.dataset.mode === kind ? 0 : -1;
  }
}

for (const composer of document.querySelectorAll(".composer")) {
  for (const tab of composer.querySelectorAll("[role=tab]")) {
    tab.addEventListener("click", () => {
      chooseKind(composer, tab.dataset.mode);
      composer.querySelector(`textarea[name=${tab.dataset.mode}]`).focus();
    });
  }
  const chosen = composer.querySelector("[role=tab][aria-selected=true]");
  if (chosen) chooseKind(composer, chosen.dataset.mode);
}
