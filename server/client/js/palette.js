// Colour arithmetic, recent colours and the suggested tones. Pure. Colours are '#rrggbb' in sRGB.

export const RECENT_LIMIT = 16;

/** Tones that line art asks for most, light to dark. The names are keys of the locale files. */
export const TONES = [
  { name: "Skin", colors: ["#fff0e4", "#ffe1cc", "#fbd0b4", "#f1bb98", "#dd9c76", "#bd7b57", "#8f583c", "#5f3a2a"] },
  { name: "Hair", colors: ["#f6ecd2", "#efd089", "#d9984f", "#a3572f", "#5c3a2b", "#2f2a30", "#8c97a8", "#e39aa6"] },
  { name: "Cloth", colors: ["#f4f1ea", "#c8463c", "#eeb13f", "#7e9f5e", "#3f8a8c", "#3d5f96", "#6d5488", "#34343c"] },
];

/** '#rrggbb' for '#rgb', 'rgb', '#rrggbb' or 'rrggbb'; null for anything else. */
export function parseHex(text) {
  const match = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/i.exec(String(text).trim());
  if (!match) return null;
  const digits = match[1].toLowerCase();
  return `#${digits.length === 6 ? digits : [...digits].map((digit) => digit + digit).join("")}`;
}

export function toRgb(color) {
  const number = parseInt(color.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

export function fromRgb(rgb) {
  return `#${rgb.map((v) => Math.round(Math.min(255, Math.max(0, v))).toString(16).padStart(2, "0")).join("")}`;
}

/** Hue 0..360, saturation and value 0..1. */
export function toHsv(color) {
  const [red, green, blue] = toRgb(color).map((v) => v / 255);
  const value = Math.max(red, green, blue);
  const range = value - Math.min(red, green, blue);
  let hue = 0;
  if (range > 0) {
    if (value === red) hue = ((green - blue) / range + 6) % 6;
    else if (value === green) hue = (blue - red) / range + 2;
    else hue = (red - green) / range + 4;
  }
  return { hue: hue * 60, saturation: value === 0 ? 0 : range / value, value };
}

export function fromHsv({ hue, saturation, value }) {
  const channel = (n) => {
    const k = (n + hue / 60) % 6;
    return 255 * value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1)));
  };
  return fromRgb([channel(5), channel(3), channel(1)]);
}

/** The newest colour first, without repetition. */
export function addRecent(recent, color) {
  return [color, ...recent.filter((other) => other !== color)].slice(0, RECENT_LIMIT);
}

/** Relative luminance after WCAG 2, 0..1. */
export function luminance(color) {
  const [red, green, blue] = toRgb(color).map((v) => {
    const c = v / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Black or white, whichever is read better on the colour. */
export const inkOn = (color) => (luminance(color) > 0.3 ? "#000000" : "#ffffff");

const HUES = [[15, "red"], [42, "orange"], [68, "yellow"], [165, "green"], [195, "teal"], [255, "blue"], [290, "purple"], [340, "pink"], [361, "red"]];

/** What people call a colour: [name, shade], both keys of the locale files; shade is "light", "dark" or "". */
export function nameOf(color) {
  const { hue, saturation, value } = toHsv(color);
  const light = luminance(color);
  if (saturation < 0.12 || value < 0.12) return light > 0.85 ? ["white", ""] : light < 0.025 ? ["black", ""] : ["gray", light > 0.45 ? "light" : light < 0.1 ? "dark" : ""];
  const isBrown = hue >= 8 && hue < 50 && value < 0.72 && light < 0.26;
  const isSkin = hue >= 8 && hue < 42 && light > 0.35 && saturation < 0.5;
  const name = isBrown ? "brown" : isSkin ? "beige" : HUES.find(([end]) => hue < end)[1];
  const isDark = isBrown ? light < 0.06 : light < 0.07;
  return [name === "red" && light > 0.4 ? "pink" : name, isDark ? "dark" : light > 0.48 && name !== "yellow" ? "light" : ""];
}
