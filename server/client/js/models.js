// The systems that can be chosen, and what each of them makes use of; the server's table says so. Pure.

export const systemOf = (model, status) => status?.models?.find(({ name }) => name === model);

/** The systems that paint drawings with hints; what others make of a picture has a panel of its own. */
export const painters = (status) => (status?.models || []).filter(({ uses: used }) => used.includes("hints"));

/** The system that turns a picture into strokes. */
export const strokePainter = (status) => status?.models?.find(({ uses: used }) => used.includes("strokes"));

/** The system that paints in the style of paintings. */
export const stylePainter = (status) => status?.models?.find(({ uses: used }) => used.includes("style"));

/** True where a system makes use of something, such as `reference`; everything is used as long as nobody knows. */
export const uses = (model, use, status) => systemOf(model, status)?.uses?.includes(use) ?? true;

/** True where the painter fills the drawing region by region, so that hints of both kinds mean the same. */
export const isFilled = ({ model, method }, status) =>
  Boolean(status?.fills) && uses(model, "choices", status) && method !== "rendering";

/** Choices are thought of without a reference; where one is followed it decides. */
export const hasChoices = (doc, status) => isFilled(doc, status) && !(doc.reference && doc.mix > 0);

/** Anchors are a tool of their own where they mean something, and for experts. */
export const hasAnchors = (doc, status, isExpert) => uses(doc.model, "anchors", status) && (isExpert || !isFilled(doc, status));
