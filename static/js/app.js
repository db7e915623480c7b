// The few keys and announcements of the product: everything works without them.
(function () {
  "use strict";
  var fields = "input, textarea, select, [contenteditable]";

  document.addEventListener("keydown", function (event) {
    var target = event.target;
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !target.closest(fields)) {
      var search = document.querySelector("[data-search]");
      if (search && search.offsetParent) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && target.form && target.form.method === "post") {
      event.preventDefault();
      target.form.requestSubmit();
    } else if (event.key === "Escape") {
      document.querySelectorAll("details.menu[open]").forEach(function (menu) {
        menu.open = false;
      });
      document.querySelectorAll("[data-picker-hits]").forEach(function (hits) {
        hits.replaceChildren();
      });
    }
  });

  // A link that opened its explanation closes it again.
  document.addEventListener("htmx:beforeRequest", function (event) {
    var link = event.detail.elt;
    if (link.hasAttribute("data-toggle")) {
      var open = event.detail.target.childElementCount > 0;
      link.setAttribute("aria-expanded", String(!open));
      if (open) {
        event.preventDefault();
        event.detail.target.replaceChildren();
      }
    }
  });

  // A refused form comes back with its summary first: focus goes there.
  function focusSummary(root) {
    var summary = root.querySelector("[data-error-summary]");
    if (summary) {
      summary.focus();
    }
  }
  document.addEventListener("htmx:afterSettle", function (event) {
    focusSummary(event.detail.elt);
  });
  document.addEventListener("DOMContentLoaded", function () {
    focusSummary(document);
  });

  // A sealed value, its form and its mask take each other's place: if the focus was inside, it stays inside.
  var held = false;
  document.addEventListener("htmx:beforeSwap", function (event) {
    held = event.detail.target.matches(".mask") && event.detail.target.contains(document.activeElement);
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    if (held && event.detail.elt.matches(".mask")) {
      held = false;
      (event.detail.elt.querySelector("input:not([type=hidden]), a") || event.detail.elt).focus();
    }
  });

  // A response may say one sentence aloud: HX-Trigger {"announce": {"value": "…"}}.
  document.addEventListener("announce", function (event) {
    document.getElementById("live").textContent = event.detail.value;
  });

  // Nothing reached the server: the text stays on the page and the reader is told.
  document.addEventListener("htmx:sendError", function () {
    document.getElementById("live").textContent = "没有保存，网络没有连上，请再点一次。";
  });
})();
