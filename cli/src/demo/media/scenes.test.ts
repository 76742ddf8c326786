import { createCanvas } from "@napi-rs/canvas";
import { expect, it } from "vitest";
import { bodies } from "./bodies.js";
import { calls } from "./calls.js";
import { hooks } from "./hooks.js";
import { flavours } from "./palette.js";
import { photo } from "./photo.js";
import { openStage, type Scene } from "./stage.js";
import { talks } from "./talks.js";

const scenes = Object.entries({ ...hooks, ...bodies, ...calls, ...talks, photo: photo(flavours.lime) });

function draw(scene: Scene, t: number, width: number, height: number): Buffer {
  const canvas = createCanvas(width, height);
  const g = canvas.getContext("2d");
  scene.draw(g, t, openStage(g, { width, height }));
  return canvas.data();
}

it.each(scenes)("%s moves, and fills films of every shape", (_name, scene) => {
  for (const [width, height] of [
    [54, 96],
    [96, 54],
    [64, 64],
  ] as const) {
    const [first, middle] = [0, scene.seconds / 2].map((t) => draw(scene, t, width, height));
    for (const picture of [first, middle])
      expect(picture?.every((value, i) => i % 4 !== 3 || value === 255)).toBe(true);
    expect(first?.equals(middle ?? Buffer.of())).toBe(false);
  }
});

it.each(scenes)("%s draws the same picture each time", (_name, scene) => {
  expect(draw(scene, 1, 54, 96)).toEqual(draw(scene, 1, 54, 96));
});
