// Loaded as a file, which the site's policy always allows: says so where the policy blocks the scripts in the page. It sends the
// headers of another release then. `boot.js`, which says what else can be wrong, is among those scripts.
(function () {
  "use strict";
  function check() {
    var status = document.querySelector(".boot[role=status]");
    if (status && !window.velvetRopeBoot) {
      status.textContent =
        "This page could not start: its Content-Security-Policy blocks the scripts in the page. " +
        "The headers belong to another release: publish the page and its headers together.";
    }
  }
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", check);
  } else {
    check();
  }
})();
