/** Acts of a person: what will happen is said before, a reason is asked for, what came of it is said after. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Failure } from '../lib/api.ts';
import { Button, Trouble } from './parts.tsx';

export interface ModalProps {
  title: string;
  wide?: boolean;
  onClose(): void;
  children: ComponentChildren;
}
export function Modal({ title, wide, onClose, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const back = document.activeElement as HTMLElement | null;
    dialog.current?.showModal();
    return () => back?.focus?.();
  }, []);
  return (
    <dialog ref={dialog} class={wide ? 'wide' : ''} aria-label={title} onClose={onClose}>
      {children}
    </dialog>
  );
}

export interface ActProps {
  title: string;
  /** What the button says. */
  verb: string;
  danger?: boolean;
  wide?: boolean;
  /** What will happen. */
  children?: ComponentChildren;
  /** Undefined: no reason is asked for. */
  reason?: { label?: string; placeholder?: string; optional?: boolean } | false;
  disabled?: boolean | undefined;
  /** Gives what is said when it is done; an error stays in the dialog. */
  run(reason: string): Promise<string | undefined>;
  onClose(): void;
}
export function ActDialog({ title, verb, danger, wide, children, reason = {}, disabled, run, onClose }: ActProps) {
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Failure>();
  const needed = reason !== false && !reason.optional;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const said = await run(text.trim());
      if (said) toast(said);
      onClose();
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal title={title} {...(wide && { wide })} onClose={onClose}>
      <form onSubmit={submit}>
        <h2>{title}</h2>
        {children}
        {reason !== false && (
          <label class="field">
            <span>{reason.label ?? 'Reason'}</span>
            <textarea
              class="input"
              required={needed}
              maxLength={512}
              value={text}
              placeholder={reason.placeholder}
              onInput={(event) => setText(event.currentTarget.value)}
            />
            <small>It is written down with your name and cannot be changed later.</small>
          </label>
        )}
        {error && <Trouble error={error} />}
        <div class="do">
          <Button onClick={onClose}>Back</Button>
          <Button submit kind={danger ? 'danger' : 'first'} disabled={busy || disabled || (needed && !text.trim())}>
            {busy ? 'One moment …' : verb}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

type Watcher = (notes: readonly Note[]) => void;
interface Note {
  id: number;
  text: string;
}
let notes: readonly Note[] = [];
let watcher: Watcher = () => {};
let drawn = 0;
const SHOWN_MS = 6_000;

export function toast(text: string): void {
  const note = { id: ++drawn, text };
  notes = [...notes.slice(-2), note];
  watcher(notes);
  setTimeout(() => {
    notes = notes.filter(({ id }) => id !== note.id);
    watcher(notes);
  }, SHOWN_MS);
}
export function Toasts() {
  const [shown, set] = useState(notes);
  useEffect(() => {
    watcher = set;
  }, []);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.map(({ id, text }) => (
        <div key={id} class="toast">
          {text}
        </div>
      ))}
    </div>
  );
}
