"use strict";
(() => {
  const rows = [...document.querySelectorAll("tr[data-id]")];
  const controls = [...document.querySelectorAll(".filters select, .filters input")];
  const count = document.querySelector(".filters output");
  const show = () => {
    const wanted = Object.fromEntries(controls.map((control) => [control.name, control.value.trim().toLowerCase()]));
    let shown = 0;
    for (const row of rows) {
      const fits = ["area", "verdict", "level"].every((name) => !wanted[name] || row.dataset[name] === wanted[name]);
      row.hidden = !(fits && (!wanted.text || row.textContent.toLowerCase().includes(wanted.text)));
      shown += row.hidden ? 0 : 1;
    }
    count.value = `${shown} of ${rows.length} clauses`;
  };
  for (const control of controls) control.addEventListener("input", show);
  show();
  for (const button of document.querySelectorAll("button.copy")) {
    button.addEventListener("click", async () => {
      const text = button.parentElement.querySelector("pre").textContent;
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        // A page opened from a file may not write to the clipboard: select the text, so that a key press copies it.
        getSelection().selectAllChildren(button.parentElement.querySelector("pre"));
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }
})();
