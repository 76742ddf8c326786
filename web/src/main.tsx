import "./style/tokens.css";
import "./style/base.css";
import "./ui/button.css";
import "./ui/table.css";
import { QueryClient, QueryClientProvider } from "@tanstack/preact-query";
import { RouterProvider } from "@tanstack/react-router";
import { render } from "preact";
import { refusalOf } from "./api/refusal.js";
import { router } from "./routes.js";
import { chosenTheme, showTheme } from "./theme.js";

/** Outages are waited for, but not refusals: those answer the same the next time. */
const retry = (failures: number, error: unknown): boolean => failures < 5 && refusalOf(error).isTransient;

const queries = new QueryClient({ defaultOptions: { queries: { retry, staleTime: 1000 } } });

showTheme(chosenTheme());
const app = document.querySelector("#app");
if (app) {
  render(
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
    app,
  );
}
