import { useQuery } from "@tanstack/preact-query";
import type { ComponentChildren } from "preact";
import { Problem } from "../ui/problem.js";
import { useTitle } from "../ui/title.js";

export interface Column<Row> {
  readonly name: string;
  readonly isNumber?: boolean;
  value(row: Row): ComponentChildren;
}

interface ListPageProps<Row> {
  readonly title: string;
  /** What is said if there is none: how people get the first. */
  readonly none: ComponentChildren;
  readonly columns: readonly Column<Row>[];
  /** Distinguishes rows. */
  keyOf(row: Row): string;
  read(signal: AbortSignal): Promise<readonly Row[]>;
}

/** A page that lists what a server has. */
export function ListPage<Row>({ title, none, columns, keyOf, read }: ListPageProps<Row>) {
  useTitle(title);
  const { data, error } = useQuery({ queryKey: ["list", title], queryFn: ({ signal }) => read(signal) });
  return (
    <>
      <h1>{title}</h1>
      {error ? <Problem error={error} /> : null}
      {data || error ? null : <p class="quiet">Loading…</p>}
      {data?.length === 0 ? <p>{none}</p> : null}
      {data && data.length > 0 ? (
        <table class="table">
          <thead>
            <tr>
              {columns.map(({ name, isNumber }) => (
                <th key={name} scope="col" class={isNumber ? "number" : undefined}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.map((row) => (
              <tr key={keyOf(row)}>
                {columns.map(({ name, isNumber, value }) => (
                  <td key={name} class={isNumber ? "number" : undefined}>
                    {value(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </>
  );
}
