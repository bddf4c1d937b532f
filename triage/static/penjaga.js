"use strict";
// What a script can do better. Without it every page works, and what needs it is not shown.

function say(button, words) {
  const place = button.parentElement.querySelector("[role=status]");
  place.textContent = "";
  // Emptied first: the same words said twice are read out twice.
  setTimeout(() => { place.textContent = words; }, 50);
}

function textOf(button) {
  return document.getElementById(button.dataset.of).textContent.trim();
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(textOf(button));
    say(button, button.dataset.copy);
  });
}

for (const button of document.querySelectorAll("[data-share]")) {
  if (!navigator.share) continue;
  button.hidden = false;
  // Whoever closes the sheet has not failed at anything.
  button.addEventListener("click", () => navigator.share({ text: textOf(button) }).catch(() => {}));
}
