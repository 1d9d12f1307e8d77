/** Brings a notification to where it belongs: by an http connector as it delivers documents, or by mail. */
import { createTransport } from 'nodemailer';
import type { Secrets, Sink } from '../../runtime/connectors/connector.ts';
import { httpSink } from '../../runtime/connectors/http/sink.ts';
import type { ConnectorPlan } from '../../runtime/plan.ts';
import type { NotifyPlan } from '../plan.ts';
import { type Message, mailOf } from './message.ts';

/** What is sent: to an Alertmanager alerts, else the message. */
export interface Notification {
  message: Message;
  alerts?: object[];
}

export class Sender {
  readonly #secrets: Secrets;
  readonly #sinks = new Map<string, Sink>();

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  /** Rejects, without any secret in the error, where the other side did not take it. */
  async send(to: NotifyPlan, { message, alerts }: Notification, signal: AbortSignal): Promise<void> {
    if (to.mail) return this.#mail(to.connector, to.mail.to, message);
    const answer = await this.#sink(to.connector).send({
      body: Buffer.from(JSON.stringify(to.alertmanager ? alerts : message)),
      contentType: 'application/json',
      idempotencyKey: message.id,
      path: to.alertmanager?.path ?? to.webhook?.path,
      headers: {},
      timeoutMs: to.connector.timeoutMs,
      signal,
    });
    if (answer.status < 200 || answer.status > 299) throw new Error(`the answer was ${answer.status}`);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sinks.values()].map((sink) => sink.close()));
    this.#sinks.clear();
  }

  #sink(connector: ConnectorPlan): Sink {
    const key = JSON.stringify(connector);
    const sink = this.#sinks.get(key) ?? httpSink(connector, this.#secrets);
    this.#sinks.set(key, sink);
    return sink;
  }

  async #mail({ mail, timeoutMs }: ConnectorPlan, to: readonly string[], message: Message): Promise<void> {
    const { host, port, tls, secretRef, from } = mail!;
    const secret = async (key: string) =>
      (await this.#secrets.get(secretRef!.name, key)).reveal().replace(/[\r\n]+$/, '');
    const auth = secretRef && { user: await secret('username'), pass: await secret('password') };
    const ca = secretRef && (await secret('ca.crt').catch(() => undefined));
    const transport = createTransport({
      host,
      port,
      secure: tls === 'Implicit',
      requireTLS: tls === 'StartTLS',
      ignoreTLS: tls === 'None',
      ...(auth && { auth }),
      ...(ca && { tls: { ca } }),
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
    });
    try {
      const { rejected } = await transport.sendMail({
        from,
        to: [...to],
        messageId: `<${message.id}@crossdock>`,
        date: message.at,
        ...mailOf(message),
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Crossdock-Policy': message.policy },
      });
      if (rejected.length > 0) throw new Error(`the server refuses ${rejected.length} of ${to.length} recipients`);
    } finally {
      transport.close();
    }
  }
}
