import { expect, it } from "vitest";
import { ProblemsError } from "../problem.js";
import { connectTo } from "./connection.js";

const problemOf = (url: string): string => {
  try {
    connectTo(url).close();
  } catch (error) {
    if (error instanceof ProblemsError) return error.message;
    throw error;
  }
  return "";
};

it.each(["http://127.0.0.1:8080", "https://render.example/"])("accepts %s", (url) => {
  expect(problemOf(url)).toBe("");
});

it.each(["127.0.0.1:8080", "ftp://render.example", ""])("refuses %j", (url) => {
  expect(problemOf(url)).toMatch(/is not the address of a server/);
});

it.each(["http://me:secret@render.example", "https://secret@render.example", "ftp://me:secret@render.example"])(
  "refuses an address with a password without repeating it: %s",
  (url) => {
    expect(problemOf(url)).toMatch(/has a user or password/);
    expect(problemOf(url)).not.toContain("secret");
  },
);
