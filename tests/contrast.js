// Gives the texts of the page whose contrast to what lies behind them is below the given ratio (WCAG 2.2, 1.4.3), from computed styles.
(least) => {
  const canvas = document.createElement("canvas"), brush = canvas.getContext("2d", { willReadFrequently: true });
  canvas.width = canvas.height = 1;
  const known = new Map();
  function read(colour) { // any notation of CSS -> red, green, blue of 255, opacity of 1
    if (!known.has(colour)) {
      brush.clearRect(0, 0, 1, 1);
      brush.fillStyle = colour;
      brush.fillRect(0, 0, 1, 1);
      const [red, green, blue, opacity] = brush.getImageData(0, 0, 1, 1).data;
      known.set(colour, [red, green, blue, opacity / 255]);
    }
    return known.get(colour);
  }
  const over = (front, back, opacity) => [0, 1, 2].map((n) => front[n] * opacity + back[n] * (1 - opacity));
  function behind(element) { // what the element is painted on, itself included
    if (!element) return [255, 255, 255];
    const style = getComputedStyle(element), colour = read(style.backgroundColor);
    return colour[3] === 1 ? colour : over(colour, behind(element.parentElement), colour[3]);
  }
  const linear = (part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  const light = (colour) => 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
  function ratio(one, other) {
    const [low, high] = [light(one), light(other)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  }
  function opacityOf(element) {
    let opacity = 1;
    for (; element; element = element.parentElement) opacity *= Number(getComputedStyle(element).opacity);
    return opacity;
  }
  const faint = [];
  let texts = 0;
  function check(element, style, text) {
    const back = behind(element), colour = read(element.closest("svg") ? style.fill : style.color);
    const shown = over(colour, back, colour[3] * opacityOf(element)), found = ratio(shown, back);
    texts += 1;
    if (found < least) faint.push(`${text.trim().slice(0, 40)} (${element.tagName.toLowerCase()}.${element.getAttribute("class") || ""}): ${found.toFixed(2)}`);
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, style = getComputedStyle(element);
    if (!walker.currentNode.data.trim() || element.closest("script, style, noscript, title, option, :disabled, .unseen")) continue;
    if (!element.getClientRects().length || style.visibility === "hidden") continue;
    check(element, style, walker.currentNode.data);
  }
  for (const element of document.body.querySelectorAll("*")) {
    if (!element.getClientRects().length || element.matches(":disabled")) continue;
    if (element.matches("[placeholder], select")) check(element, getComputedStyle(element, element.matches("select") ? null : "::placeholder"), element.placeholder || "select");
    for (const part of ["::before", "::after"]) {
      const style = getComputedStyle(element, part);
      if (/"\s*\S+\s*"/.test(style.content)) check(element, style, `${part} ${style.content}`);
    }
  }
  return { faint, texts };
}
