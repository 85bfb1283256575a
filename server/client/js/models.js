// The painters that can be chosen, and what each of them makes use of. Pure.

export const DEFAULT_MODEL = "style2paints";

/** True for painters that tell anchors from exact hints and follow method, reference, outlines and detail. */
export const hasKinds = (model) => model === DEFAULT_MODEL;
