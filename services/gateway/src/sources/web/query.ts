import { PolyreelError } from "@polyreel/platform";
import type { FastifyRequest } from "fastify";

/** Parameters in a request's query. */
export interface Query {
  /** Empty if it is missing. */
  one(name: string): string;
  all(name: string): string[];
  /** 0 if it is missing. Throws PolyreelError `invalid` for anything but a whole number. */
  number(name: string): number;
}

export function queryOf({ url }: Pick<FastifyRequest, "url">): Query {
  const parameters = new URLSearchParams(url.split("?", 2)[1] ?? "");
  const one = (name: string) => parameters.get(name) ?? "";
  return {
    one,
    all: (name) => parameters.getAll(name),
    number: (name) => {
      const value = Number(one(name));
      if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) return value;
      throw new PolyreelError("invalid", {
        field: name,
        reason: `must be a whole number >= 0, got ${JSON.stringify(one(name).slice(0, 80))}`,
        remedy: `Write it as in ?${name}=100.`,
      });
    },
  };
}
