// The line of the composer that spells out who gets the reply follows what is typed as copies.
"use strict";

(() => {
  const box = document.querySelector("[data-recipients]");
  if (!box) return;
  const others = box.querySelector("[data-others]");
  const known = new Set(box.dataset.known.split(","));

  const addresses = (name) => [...new Set(box.querySelector(`[name=${name}]`).value.split(/[,;\n]/).map((item) => item.trim()).filter(Boolean))];

  // What makes two addresses one, as rules/mail_addresses has it.
  function key(text) {
    const address = (/<([^<>]*)>\s*$/.exec(text)?.[1] ?? text).trim().toLowerCase();
    const at = address.lastIndexOf("@");
    return at < 0 ? address : address.slice(0, at).split("+")[0] + address.slice(at);
  }

  function element(tag, text, css) {
    const made = document.createElement(tag);
    made.textContent = text;
    if (css) made.className = css;
    return made;
  }

  function spell() {
    const all = [...addresses("reply_cc").map((text) => ({ text })), ...addresses("reply_bcc").map((text) => ({ text, blind: true }))];
    others.replaceChildren(...all.flatMap(({ text, blind }, n) => {
      const name = element("b", text);
      name.dir = "auto";
      const parts = [n === all.length - 1 ? ` ${box.dataset.and} ` : ", ", name];
      if (blind) parts.push(` (${box.dataset.blind})`);
      if (!known.has(key(text))) parts.push(" ", element("span", box.dataset.new, "tag"));
      return parts;
    }));
  }

  box.addEventListener("input", spell);
  spell();  // what the browser itself filled in again
})();
