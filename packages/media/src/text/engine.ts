/**
 * Version of the text renderer, part of a clip's recipe: the same recipe always means the same picture, so the number
 * is raised by every change of how a text looks, and the version is that of @napi-rs/canvas.
 */
export const TEXT_ENGINE = "text 5, canvas 1.1.1";
