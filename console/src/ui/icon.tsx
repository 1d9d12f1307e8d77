/** Signs of 24 × 24, drawn with lines. Decorative: a word stands beside each, or on its button. */
const PATHS = {
  overview: 'M3 7h5l8 10h5M3 17h5l2-2.5M14 9.5 16 7h5M18.5 4.5 21 7l-2.5 2.5M18.5 14.5 21 17l-2.5 2.5',
  today: 'M4 6.5h16v13H4zM4 10.5h16M8.5 3.5v4M15.5 3.5v4M8.5 15l2.2 2.2 4.5-4.4',
  transactions: 'M4 6h16M4 12h16M4 18h10',
  exceptions: 'M12 4 2.8 19.5h18.4zM12 10v4.5M12 17.2v.1',
  dead: 'M4 13.5h4.5l1.5 3h4l1.5-3H20M4 13.5 6.5 5h11L20 13.5V19H4zM10 7.5l4 4M14 7.5l-4 4',
  partners: 'M4 20V9l8-5 8 5v11M9.5 20v-6h5v6M4 20h16',
  integrations:
    'M6 8.5v7M6 8.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM6 20.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM18 8.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM18 8.5c0 5-6 4.5-11 6.5',
  replays: 'M4 5v5h5M4.6 14a7.8 7.8 0 1 0 1.6-7L4 10',
  measures: 'M4 20V4M4 20h16M8.5 16v-4M13 16V8M17.5 16v-6',
  audit: 'M7 3.5h10v17H7zM10 8h4M10 12h4M10 16h2.5',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.5 15.5 20 20',
  menu: 'M4 7h16M4 12h16M4 17h16',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2.5V5M12 19v2.5M2.5 12H5M19 12h2.5M5.3 5.3 7 7M17 17l1.7 1.7M18.7 5.3 17 7M7 17l-1.7 1.7',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z',
  auto: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 3.5v17M12 8h6.5M12 12h8.4M12 16h6.8',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  cross: 'm6.5 6.5 11 11M17.5 6.5l-11 11',
  clock: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 7.5V12l3 2',
  alert: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 7.5v5.5M12 16.2v.1',
  pause: 'M9 6v12M15 6v12',
  dash: 'M6 12h12',
  arrow: 'M4 12h15M13.5 6.5 19 12l-5.5 5.5',
  down: 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  hand: 'M8 12V6.5a1.5 1.5 0 0 1 3 0V11V5a1.5 1.5 0 0 1 3 0v6-4.5a1.5 1.5 0 0 1 3 0V15a6 6 0 0 1-6 6c-3 0-4.500-1.500-6-4l-1.700-3a1.500 1.500 0 0 1 2.700-1.300L8 14Z',
  star: 'm12 4 2.400 5.200 5.600.700-4.100 3.900 1.100 5.600-5-2.800-5 2.800 1.100-5.600L4 9.900l5.600-.700z',
  more: 'M6 12v.1M12 12v.1M18 12v.1',
  external: 'M14 4h6v6M20 4l-9 9M17 14v6H4V7h6',
  partly: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.500 8.500 0 0 0 0 17ZM12 3.500a8.500 8.500 0 0 1 0 17',
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18, width = 1.7 }: { name: IconName; size?: number; width?: number }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      stroke-width={width}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
