/**
 * What scorecards and measures are made of: figures of each transaction by partner, and of each week by partner. A week is stale from the change of one
 * of its transactions on, whoever makes it, until it is summed again.
 */
export default `create table transaction_figures (
     namespace text not null, process text not null, key text not null, partner text collate "C" not null,
     -- One row of each transaction: of its first partner, or of '' where none is known.
     leads boolean not null,
     opened_at bigint not null, week date not null, state text not null,
     -- Seconds.
     confirmed_after float8, posted_after float8,
     announced boolean not null, announced_well boolean not null,
     exceptions int not null, open_exceptions int not null, invoice_held boolean not null,
     met int not null, judged int not null, touches int not null,
     primary key (namespace, process, key, partner),
     foreign key (namespace, process, key) references transactions on delete cascade);
   -- Of a partner's transactions the figures are read from the index alone: its rows lie far apart.
   create index transaction_figures_by_partner on transaction_figures (namespace, partner, opened_at) include
     (week, state, confirmed_after, posted_after, announced, announced_well, exceptions, invoice_held, met, judged, touches);
   create index transaction_figures_by_week on transaction_figures (namespace, week, partner) where leads;
   create index transaction_figures_held on transaction_figures (namespace, partner) where open_exceptions > 0;
   create table week_figures (
     namespace text not null, week date not null, partner text collate "C" not null, stale boolean not null,
     transactions int not null default 0, complete int not null default 0,
     posted int not null default 0, posted_median float8, posted_p95 float8,
     invoice_holds int not null default 0, exceptions int not null default 0,
     met int not null default 0, judged int not null default 0, touches int not null default 0,
     primary key (namespace, week, partner));
   create index week_figures_stale on week_figures (namespace, week, partner) where stale;
   create function weeks_are_stale() returns trigger language plpgsql as $$
     begin
       if tg_op <> 'INSERT' then
         insert into week_figures (namespace, week, partner, stale)
         select distinct namespace, week, partner, true from before_rows where leads order by 1, 2, 3
         on conflict (namespace, week, partner) do update set stale = true where not week_figures.stale;
       end if;
       if tg_op <> 'DELETE' then
         insert into week_figures (namespace, week, partner, stale)
         select distinct namespace, week, partner, true from after_rows where leads order by 1, 2, 3
         on conflict (namespace, week, partner) do update set stale = true where not week_figures.stale;
       end if;
       return null;
     end $$;
   create trigger weeks_of_new after insert on transaction_figures
     referencing new table as after_rows for each statement execute function weeks_are_stale();
   create trigger weeks_of_changed after update on transaction_figures
     referencing old table as before_rows new table as after_rows for each statement execute function weeks_are_stale();
   create trigger weeks_of_gone after delete on transaction_figures
     referencing old table as before_rows for each statement execute function weeks_are_stale();
   create index objectives_judged on objectives (namespace, partner, started_at) include (state)
     where state in ('Met', 'MetLate', 'Breached');
   create index acknowledgments_by_partner on acknowledgments (namespace, partner, sent_at) include (told_at)`;
