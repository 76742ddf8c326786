export { bodies } from "./bodies.js";
export { calls } from "./calls.js";
export { drawStill, makeFilm } from "./film.js";
export { hooks } from "./hooks.js";
export { flavourOfHue, photo } from "./photo.js";
export { songs, writeSong } from "./songs.js";
export { talks } from "./talks.js";
