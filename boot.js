// Runs before the app, also where the app cannot run: ECMAScript 5, and no API that is newer than that. It replaces
// "Loading…" by the reason why the app does not start. Once the app shows a page, it finds nothing to replace.
(function () {
  "use strict";
  // A release has this script in its page, and a file that looks for this (`xtask/src/release/policy.js`).
  window.velvetRopeBoot = true;

  var OLDEST = "Chrome or Edge 99, Firefox 97, Safari 16, or a newer version";

  function show(text) {
    var status = document.querySelector(".boot[role=status]");
    if (status) {
      status.textContent = text;
    } else if (document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", function () {
        show(text);
      });
    }
  }

  function failed(reason) {
    show("This page could not start: " + reason + ". Load it again. If that does not help, use " + OLDEST + ".");
  }

  // The first query of locks takes the browser longer than the next one, by which the app learns whether another tab has a session.
  if (navigator.locks) {
    navigator.locks.query().catch(function () {});
  }

  // The frame in the page is that of the start page.
  if (location.pathname !== "/") {
    document.documentElement.className = "elsewhere";
  }

  if (!("noModule" in document.createElement("script"))) {
    show("This browser is too old for this page: it has no JavaScript modules. Use " + OLDEST + ".");
    return;
  }
  if (typeof WebAssembly !== "object") {
    show(
      "This page needs WebAssembly, which this browser does not have or does not allow here. Allow it for this site: " +
        "Lockdown Mode on Apple devices and the strict security mode of Edge switch it off. Or use " + OLDEST + "."
    );
    return;
  }

  // Files that cannot be loaded report to their element only, so this listens on the way down. The app starts without a script
  // that is not waited for.
  addEventListener("error", function (event) {
    var target = event.target;
    if (event.message) {
      failed(event.message);
    } else if (target && target.nodeName === "SCRIPT" && !target.hasAttribute("async")) {
      failed("a script could not be loaded");
    }
  }, true);
  addEventListener("unhandledrejection", function (event) {
    failed(event.reason && event.reason.message ? event.reason.message : String(event.reason));
  });
  document.addEventListener("securitypolicyviolation", function (event) {
    if (event.effectiveDirective.indexOf("script-src") === 0 && event.disposition !== "report") {
      failed("its Content-Security-Policy blocks its own script (" + event.blockedURI + ")");
    }
  });
  setTimeout(function () {
    var status = document.querySelector(".boot[role=status]");
    if (status && status.textContent.indexOf("Loading") === 0) {
      show("Still loading. The network may be slow, or a file may be missing. Load the page again.");
    }
  }, 30000);
})();
