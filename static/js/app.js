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

  // What was typed while the page was still loading, before anything listened, is searched for too.
  window.addEventListener("load", function () {
    document.querySelectorAll("[hx-trigger*='typed-early']").forEach(function (input) {
      if (input.value) {
        window.htmx.trigger(input, "typed-early");
      }
    });
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

  // A link with data-carries takes along what is typed in that field.
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[data-carries]");
    var field = link && document.getElementById(link.getAttribute("data-carries"));
    if (field) {
      var to = new URL(link.href);
      to.searchParams.set(field.name, field.value);
      link.href = to;
    }
  });

  // What is printed leaves an audit row, however it was asked for; paper is outside the browser's reach.
  window.addEventListener("beforeprint", function () {
    var url = document.body.getAttribute("data-printed");
    if (url) {
      var sent = new FormData();
      sent.append("csrfmiddlewaretoken", JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"]);
      sent.append("path", location.pathname);
      navigator.sendBeacon(url, sent);
    }
  });

  // What is typed into a form with data-draft is kept on the server every few seconds, never in the browser.
  var TYPED = 3000;
  function keepDrafts(form) {
    var timer = 0;
    var said = document.createElement("p");
    said.className = "panel-foot mb-0";
    said.hidden = true;
    form.querySelector(".sticky-bar").before(said);
    function say(words, late) {
      said.textContent = words;
      said.classList.toggle("late", Boolean(late));
      said.hidden = false;
    }
    function keep(leaving) {
      timer = 0;
      var typed = new FormData(form);
      form.querySelectorAll("input[type=file]").forEach(function (input) {
        typed.delete(input.name);
      });
      typed.append("draft", form.dataset.draft);
      fetch(form.dataset.draftUrl, { method: "POST", body: typed, keepalive: leaving === true }).then(function (answer) {
        if (answer.status === 204) {
          say("草稿 " + new Date().toTimeString().slice(0, 5) + " 已存，只有你自己看得到，保存后即删除。");
        } else if (answer.status === 403) {
          say("草稿没有存上：登录已过期。请先复制写好的文字，再重新登录。", true);
        } else {
          say("草稿没有存上，写好的请及时保存。", true);
        }
      }, function () {
        say("草稿没有存上，网络没有连上。写好的文字还在这一页。", true);
      });
    }
    function soon() {
      timer = timer || setTimeout(keep, TYPED);
    }
    form.addEventListener("input", soon);
    form.addEventListener("submit", function () {
      clearTimeout(timer);
      timer = 0;
    });
    document.addEventListener("visibilitychange", function () {
      if (timer && document.visibilityState === "hidden") { // also when the page is left
        clearTimeout(timer);
        keep(true);
      }
    });
    if (document.querySelector("[data-error-summary]")) {
      soon(); // what a refused form holds was sent, but is kept nowhere
    }
  }
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("form[data-draft]").forEach(keepDrafts);
  });

  // The bar of ticked rows says how many there are and stays in sight; without a tick it steps back.
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("form[data-selbar]").forEach(function (form) {
      var count = form.querySelector("[data-selbar-count]");
      function show() {
        var ticked = Array.prototype.filter.call(form.elements, function (input) {
          return input.type === "checkbox" && input.checked;
        }).length;
        form.hidden = ticked === 0;
        form.classList.toggle("chosen", ticked > 0);
        count.textContent = "已选 " + ticked + " " + (count.dataset.selbarCount || "件");
      }
      document.addEventListener("change", function (event) {
        if (event.target.form === form) {
          // Who ticks a line ticks all that the same act would close; inside it each can be taken out again.
          if (event.target.closest(".tick")) {
            event.target.closest("tr").querySelectorAll(".with-it input[type=checkbox]").forEach(function (input) {
              input.checked = event.target.checked;
            });
          }
          show();
        }
      });
      form.addEventListener("reset", function () {
        setTimeout(show);
      });
      window.addEventListener("pageshow", show);
      show();
    });
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) {
      window.print();
    }
  });

  // A button that copies words to the clipboard, and one that ticks all boxes of a field.
  document.querySelectorAll("[data-copy], [data-tick]").forEach(function (button) {
    button.hidden = button.hasAttribute("data-copy") && !navigator.clipboard;
  });
  document.addEventListener("click", function (event) {
    var copies = event.target.closest("[data-copy]");
    var ticks = event.target.closest("[data-tick]");
    if (copies) {
      navigator.clipboard.writeText(document.getElementById(copies.dataset.copy).innerText).then(function () {
        copies.textContent = "已复制";
        document.getElementById("live").textContent = "已复制";
      });
    } else if (ticks) {
      var boxes = ticks.form.querySelectorAll("input[type=checkbox][name=" + ticks.dataset.tick + "]");
      boxes.forEach(function (box) {
        box.checked = true;
      });
      ticks.form.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });

  // Nothing reached the server: the text stays on the page and the reader is told.
  document.addEventListener("htmx:sendError", function () {
    document.getElementById("live").textContent = "没有保存，网络没有连上，请再点一次。";
  });
})();
