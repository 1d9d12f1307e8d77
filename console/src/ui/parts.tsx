/** Small parts that every page is made of. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Money } from '../../../tracker/api/contract.ts';
import type { Failure } from '../lib/api.ts';
import { useNow } from '../lib/clock.ts';
import { count, exact, money, relative } from '../lib/format.ts';
import { Icon, type IconName } from './icon.tsx';

type Children = { children?: ComponentChildren };

export interface PageProps extends Children {
  title: string;
  lead?: ComponentChildren;
  actions?: ComponentChildren;
  /** Where one comes from. */
  back?: { path: string; name: string };
}
/** A page: its heading takes the focus when one arrives, so that a reader hears where one is. */
export function Page({ title, lead, actions, back, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Crossdock`;
  }, [title]);
  useEffect(() => {
    if (history.state !== 'first') heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <>
      <div class="head">
        <div>
          {back && (
            <a class="crumb" href={back.path}>
              ← {back.name}
            </a>
          )}
          <h1 tabIndex={-1} ref={heading}>
            {title}
          </h1>
          {lead && <div class="lead">{lead}</div>}
        </div>
        {actions && <div class="row">{actions}</div>}
      </div>
      {children}
    </>
  );
}

export interface PanelProps extends Children {
  title?: ComponentChildren;
  note?: ComponentChildren;
  more?: ComponentChildren;
  class?: string;
  /** With a margin inside. */
  inside?: boolean;
  id?: string;
}
export function Panel({ title, note, more, children, class: name = '', inside = false, id }: PanelProps) {
  return (
    <section class={`panel ${name}`} id={id}>
      {title && (
        <header>
          <h2>{title}</h2>
          {note && <p>{note}</p>}
          {more && <div class="more row">{more}</div>}
        </header>
      )}
      {inside ? <div class="in">{children}</div> : children}
    </section>
  );
}

export type Tone = 'good' | 'warn' | 'bad' | 'wait' | 'info' | 'plain';
const SIGNS: Record<Tone, IconName> = {
  good: 'check',
  warn: 'exceptions',
  bad: 'alert',
  wait: 'hand',
  info: 'arrow',
  plain: 'dash',
};
/** A state by colour, sign and word. */
export function Chip({ tone, children, title, sign }: Children & { tone: Tone; title?: string; sign?: IconName }) {
  return (
    <span class={`chip ${tone}`} title={title}>
      <Icon name={sign ?? SIGNS[tone]} size={13} width={2.2} />
      {children}
    </span>
  );
}

/** Relative, with the exact time on hover. */
export function Time({ at, before = '' }: { at: string | undefined; before?: string }) {
  const now = useNow();
  if (!at) return <span class="muted">–</span>;
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={exact(ms)} class="nowrap">
      {before}
      {relative(ms, now)}
    </time>
  );
}

export const Sum = ({ of, none = '–' }: { of: readonly Money[]; none?: string }): ComponentChildren =>
  of.length === 0 ? (
    <span class="muted">{none}</span>
  ) : (
    of.map(({ amount, currency }) => (
      <span key={currency} class="num sum">
        {money(amount, currency)}
      </span>
    ))
  );

/** As a headline: the whole part large. */
export const BigSum = ({ of }: { of: readonly Money[] }): ComponentChildren =>
  of.length === 0
    ? '0'
    : of.map(({ amount, currency }) => {
        const [whole, rest] = money(amount).split('.');
        return (
          <span key={currency} class="num sum">
            {whole}
            <small>
              .{rest} {currency}
            </small>
          </span>
        );
      });

export interface FigureProps {
  label: string;
  value: ComponentChildren;
  unit?: string;
  note?: ComponentChildren;
  tone?: 'good' | 'warn' | 'bad' | undefined;
  href?: string;
}
export function Figure({ label, value, unit, note, tone, href }: FigureProps) {
  const inner = (
    <>
      <span class="label">{label}</span>
      <span class={`value ${tone ? `t-${tone}` : ''}`}>
        {typeof value === 'number' ? count(value) : value}
        {unit && <small>{unit}</small>}
      </span>
      <span class="note">{note}</span>
    </>
  );
  return href ? (
    <a class="figure" href={href}>
      {inner}
    </a>
  ) : (
    <div class="figure">{inner}</div>
  );
}

/** Nothing here: says why that may be, and what one can do. */
export function Empty({ title, children }: Children & { title: string }) {
  return (
    <div class="state">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

const MENDS: Record<number, string> = {
  0: 'Look whether the tracker runs: crossdock status, or kubectl get pods. Nothing is lost meanwhile: documents wait in the broker.',
  401: 'Log in again, with the right name and password.',
  403: 'Ask somebody who may: your role does not allow it. The attempt is in the audit.',
  404: 'Check the address, or search for the number in the field above.',
  429: 'Wait a moment: too many requests came from here.',
  503: 'A part is away or still starting. This page tries again by itself.',
};
export function Trouble({ error, again }: { error: Failure; again?: () => void }) {
  const { problem, where } = error;
  return (
    <div class="problem" role="alert">
      <strong>{problem.title}</strong>
      {problem.detail && <p>{problem.detail}</p>}
      <dl>
        <dt>Where</dt>
        <dd class="mono">{where}</dd>
        <dt>What to do</dt>
        <dd>
          {MENDS[problem.status] ?? 'Try again; if it stays, give the request’s number to whoever runs Crossdock.'}
        </dd>
        {problem.requestId && (
          <>
            <dt>Request</dt>
            <dd class="mono">{problem.requestId}</dd>
          </>
        )}
      </dl>
      {again && (
        <div>
          <button type="button" class="button small" onClick={again}>
            Try again
          </button>
        </div>
      )}
    </div>
  );
}

export function Bones({ lines = 6 }: { lines?: number }) {
  return (
    <div class="in stack" aria-busy="true">
      <span class="sr">Loading</span>
      {Array.from({ length: lines }, (_, i) => (
        <div key={i} class="bone" style={{ width: `${92 - ((i * 17) % 45)}%` }} />
      ))}
    </div>
  );
}

/** What is read: bones, then it, or what went wrong. Old data stay, with a note. */
export function Read<T>({
  of,
  lines,
  children,
}: {
  of: { data: T | undefined; error: Failure | undefined; again(): void };
  lines?: number;
  children: (data: T) => ComponentChildren;
}) {
  if (of.data === undefined)
    return of.error ? (
      <div class="in">
        <Trouble error={of.error} again={of.again} />
      </div>
    ) : (
      <Bones {...(lines !== undefined && { lines })} />
    );
  return (
    <>
      {of.error && <Trouble error={of.error} again={of.again} />}
      {children(of.data)}
    </>
  );
}

export interface ButtonProps extends Children {
  onClick?: (event: MouseEvent) => void;
  kind?: 'first' | 'danger' | 'plain';
  small?: boolean;
  disabled?: boolean | undefined;
  title?: string;
  icon?: IconName;
  submit?: boolean;
  label?: string;
  expanded?: boolean;
}
export function Button({
  onClick,
  kind,
  small,
  disabled,
  title,
  icon,
  submit,
  children,
  label,
  expanded,
}: ButtonProps) {
  return (
    <button
      type={submit ? 'submit' : 'button'}
      class={`button ${kind ?? ''} ${small ? 'small' : ''} ${children ? '' : 'icon'}`}
      onClick={onClick}
      disabled={disabled}
      title={title}
      aria-label={label}
      aria-expanded={expanded}
    >
      {icon && <Icon name={icon} size={small ? 14 : 16} />}
      {children}
    </button>
  );
}

export interface SegmentedProps {
  label: string;
  value: string;
  options: readonly (readonly [value: string, name: ComponentChildren])[];
  onChange: (value: string) => void;
}
export const Segmented = ({ label, value, options, onChange }: SegmentedProps) => (
  <fieldset class="segmented" style={{ margin: 0 }}>
    <legend class="sr">{label}</legend>
    {options.map(([each, name]) => (
      <button key={each} type="button" aria-pressed={each === value} onClick={() => onChange(each)}>
        {name}
      </button>
    ))}
  </fieldset>
);

export interface SelectProps {
  label: string;
  value: string | undefined;
  options: readonly (readonly [value: string, name: string])[];
  /** What stands for no choice. */
  all?: string;
  onChange: (value: string | undefined) => void;
}
export const Select = ({ label, value, options, all, onChange }: SelectProps) => (
  <select
    class="input"
    aria-label={label}
    value={value ?? ''}
    onChange={(event) => onChange(event.currentTarget.value || undefined)}
  >
    {all !== undefined && <option value="">{all}</option>}
    {options.map(([each, name]) => (
      <option key={each} value={each}>
        {name}
      </option>
    ))}
  </select>
);
