/** Light, dark, or as the system has it. */
import { useState } from 'preact/hooks';

export type Theme = 'system' | 'light' | 'dark';
const KEY = 'crossdock-theme';
const dark = matchMedia('(prefers-color-scheme: dark)');

const stored = (): Theme => {
  const value = localStorage.getItem(KEY);
  return value === 'light' || value === 'dark' ? value : 'system';
};
function show(theme: Theme): void {
  const now = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
  document.documentElement.dataset.theme = now;
  // Charts draw with colours of the moment.
  dispatchEvent(new CustomEvent('themechange'));
}
export function startTheme(): void {
  show(stored());
  dark.addEventListener('change', () => show(stored()));
}
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, set] = useState(stored);
  return [
    theme,
    (next) => {
      if (next === 'system') localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, next);
      set(next);
      show(next);
    },
  ];
}
