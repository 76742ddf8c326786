export { bodies } from "./bodies.js";
export { calls } from "./calls.js";
export { drawStill, makeFilm } from "./film.js";
export { hooks } from "./hooks.js";
export { songs, writeSong } from "./songs.js";
export type { Scene } from "./stage.js";
export { talks } from "./talks.js";
