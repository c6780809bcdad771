// The conversation: the menu of each message.
"use strict";

(() => {
  const thread = document.querySelector(".thread");
  if (!thread) return;

  function say(words) {
    const place = document.querySelector("#said");
    if (place) place.textContent = words;
  }

  thread.addEventListener("click", async (event) => {
    const link = event.target.closest("[data-copy-link]");
    if (!link || !navigator.clipboard) return;
    event.preventDefault();
    const address = new URL(location.href);
    address.search = "";
    address.hash = link.hash;
    const menu = link.closest("details");
    try {
      await navigator.clipboard.writeText(address.href);
      say(link.dataset.said);
    } catch {
      location.hash = link.hash;
    }
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // Escape closes a menu and leaves the focus at its button; arrows walk in it.
  thread.addEventListener("keydown", (event) => {
    const menu = event.target.closest("details.menu-of[open]");
    if (!menu) return;
    if (event.key === "Escape") {
      menu.querySelector("summary").focus();
      return;
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    event.stopPropagation();
    const items = [...menu.querySelectorAll(".menu a, .menu button")];
    const at = items.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    items[(at + items.length) % items.length]?.focus();
  });

  // What is too long shows its beginning; whoever asks for the rest, or tabs into it, gets it.
  function unfold(text) {
    if (!text || text.classList.contains("all")) return;
    text.classList.add("all");
    thread.querySelector(`[aria-controls="${text.id}"]`)?.remove();
  }
  for (const text of thread.querySelectorAll(".text.long")) {
    if (text.offsetParent && text.scrollHeight <= text.clientHeight + 48) unfold(text);
  }
  thread.addEventListener("click", (event) => {
    const button = event.target.closest("[data-show-all]");
    if (!button) return;
    const text = document.getElementById(button.getAttribute("aria-controls"));
    unfold(text);
    text.tabIndex = -1;
    text.focus({ preventScroll: true });
  });
  thread.addEventListener("focusin", (event) => unfold(event.target.closest(".text.long")));

  // On a phone the composer opens over the page, and the properties over the thread.
  const root = document.documentElement;
  const dock = document.querySelector("#compose");

  function compose(kind) {
    root.classList.add("composing");
    const tab = dock.querySelector(`[role=tab][data-mode=${kind}]`);
    if (tab) tab.click();
    dock.querySelector(`textarea[name=${kind}]`)?.focus();
  }
  document.addEventListener("click", (event) => {
    const opens = event.target.closest("[data-compose]");
    if (opens) compose(opens.dataset.compose);
    else if (event.target.closest(".composer [role=tab]")) root.classList.add("composing");
    if (event.target.closest("[data-close-composer]")) closeComposer();
    if (event.target.closest("[data-print]")) print();
  });
  function closeComposer() {
    root.classList.remove("composing");
    document.querySelector("[data-compose=reply]")?.focus();
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const panel = document.querySelector("#properties");
    if (panel.matches(":target, :has(:target), .open") && getComputedStyle(panel).position === "fixed") {
      panel.classList.remove("open");
      location.replace("#latest");
      document.querySelector(".to-properties")?.focus();
    }
  });
  if (dock && (dock.querySelector(".notice[role=alert]:not([hidden])") || location.hash === "#compose")) root.classList.add("composing");

  // On paper nothing can be unfolded.
  addEventListener("beforeprint", () => thread.querySelectorAll("details.earlier").forEach((fold) => { fold.open = true; }));
})();
