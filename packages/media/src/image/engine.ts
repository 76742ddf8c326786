/**
 * Version of the image operations, part of an image's recipe: the same recipe always means the same bytes, so the number
 * is raised by every change of how a result looks, and the version is that of sharp, which brings its libvips.
 */
export const IMAGE_ENGINE = "image 1, sharp 0.35.5";
