// Buttons that copy what stands in their data-copy; they appear only where the browser can do it.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent += " ✓";
    button.disabled = true;
  });
}
