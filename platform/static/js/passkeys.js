/* Passkeys: asks the browser for a credential, puts it into the form and sends that. */
(() => {
  "use strict";

  async function options(form) {
    const place = form.dataset.options;
    if (place) return JSON.parse(document.getElementById(place).textContent);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("no options");
    return answer.json();
  }

  async function credential(form) {
    const all = await options(form);
    if (form.dataset.passkey !== "add") return webauthnJSON.get(all.request_options);
    const wanted = all.creation_options;
    const alone = form.elements.passwordless;
    if (alone) {
      const chosen = wanted.publicKey.authenticatorSelection;
      chosen.residentKey = alone.checked ? "required" : "discouraged";
      chosen.requireResidentKey = alone.checked;
      if (alone.checked) chosen.userVerification = "required";
    }
    return webauthnJSON.create(wanted);
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const failed = form.querySelector("[data-passkey-error]");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      failed.hidden = true;
      try {
        form.elements.credential.value = JSON.stringify(await credential(form));
        form.submit();
      } catch {
        failed.hidden = false;
      }
    });
  }
})();
