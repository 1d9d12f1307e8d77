/** Of a partner's transactions the figures are read from the index alone: its rows lie far apart. */
export default `create index transaction_figures_of_partner on transaction_figures (namespace, partner, opened_at) include
     (week, state, confirmed_after, posted_after, announced, announced_well, exceptions, invoice_held, met, judged, touches);
   drop index transaction_figures_by_partner`;
