// The painters that can be chosen, and what each of them makes use of. Pure.

export const DEFAULT_MODEL = "style2paints";

/** True for painters that tell anchors from exact hints and follow method, reference, outlines and detail. */
export const hasKinds = (model) => model === DEFAULT_MODEL;

/** True where the painter fills the drawing region by region, so that hints of both kinds mean the same. */
export const isFilled = ({ model, method, reference, mix }, status) =>
  Boolean(status?.fills) && hasKinds(model) && method !== "rendering" && !(reference && mix > 0);

/** Anchors are a tool of their own where they mean something, and for experts. */
export const hasAnchors = (doc, status, isExpert) => hasKinds(doc.model) && (isExpert || !isFilled(doc, status));
