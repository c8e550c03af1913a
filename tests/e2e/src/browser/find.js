// Finds elements by role and accessible name. The body of a function, as WebDriver runs scripts. A step is an object with a
// CSS selector of elements that may have the role, the role, and the name or null.

const labels = ['aria-label', 'title', 'placeholder', 'alt', 'value'];

/** All text that may be part of the accessible name of an element. */
function textOf(element) {
  const own = (labelled) => labels.map((label) => labelled.getAttribute(label) ?? '').join(' ');
  const labelledBy = (element.getAttribute('aria-labelledby') ?? '').split(/\s+/);
  return [
    element.textContent,
    own(element),
    ...[...element.querySelectorAll('[aria-label], [title], [alt]')].map(own),
    ...[...(element.labels ?? [])].map((label) => label.textContent),
    ...labelledBy.map((id) => document.getElementById(id)?.textContent ?? ''),
  ].join(' ');
}

function isDisplayed(element) {
  return element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
}

/** The displayed elements of a step that contain each word of its name, or have it as a label. */
function candidates(step, inside) {
  const words = (step.name ?? '').split(/\s+/);
  return [...(inside ?? document).querySelectorAll(step.selector)].filter((element) => {
    const text = textOf(element);
    return words.every((word) => text.includes(word)) && isDisplayed(element);
  });
}

/** The element of the last step, inside those of the others, or null. Only where scripts can read what the browser computed. */
function find(steps) {
  const fits = (step) => (element) =>
    (step.name === null || element.computedName === step.name) && element.computedRole === step.role;
  return steps.reduce(
    (inside, step) => inside && (candidates(step, inside).find(fits(step)) ?? null),
    document,
  );
}

/** The text of the element of the last step, as it is shown, or null. */
function textIn(steps) {
  return find(steps)?.innerText.trim() ?? null;
}

/**
 * Resolves to what `check` returns as soon as that is neither null nor undefined, or to null after that many milliseconds. It checks
 * again when the page changes; the timer is for changes that are none of the document, such as the style of a state.
 */
function until(check, milliseconds) {
  return new Promise((resolve) => {
    const attempt = () => {
      const found = check() ?? null;
      if (found !== null) end(found);
    };
    const observer = new MutationObserver(attempt);
    const timer = setInterval(attempt, 100);
    const deadline = setTimeout(() => end(null), milliseconds);
    const end = (found) => {
      observer.disconnect();
      clearInterval(timer);
      clearTimeout(deadline);
      resolve(found);
    };
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    attempt();
  });
}
