import { useState } from "preact/hooks";
import { chooseTheme, chosenTheme, type Theme, themes } from "../theme.js";

const LABELS: Readonly<Record<Theme, string>> = { auto: "Theme: system", light: "Theme: light", dark: "Theme: dark" };

export function ThemeChoice() {
  const [theme, setTheme] = useState(chosenTheme);
  const choose = (value: string): void => {
    const chosen = themes.find((one) => one === value) ?? "auto";
    chooseTheme(chosen);
    setTheme(chosen);
  };
  return (
    <select aria-label="Theme" value={theme} onChange={({ currentTarget }) => choose(currentTarget.value)}>
      {themes.map((one) => (
        <option key={one} value={one}>
          {LABELS[one]}
        </option>
      ))}
    </select>
  );
}
