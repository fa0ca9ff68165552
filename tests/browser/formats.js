// How each consent tool writes an answer about analytics and ads into cookies that a server can read. The notations are the
// tools' own: percent-encoding, JSON, base64 and lists as their scripts make them.
const json = (value) => encodeURIComponent(JSON.stringify(value));
const bit = (yes) => (yes ? '1' : '0');
const only = (map) => Object.keys(map).filter((key) => map[key]);
const now = () => new Date().toISOString();

// tcString is a TC string of version 2 for the purposes that an answer grants, without vendors.
// https://github.com/InteractiveAdvertisingBureau/GDPR-Transparency-and-Consent-Framework
function tcString(analytics, ads) {
  const purposes = Array.from({ length: 24 }, (_, i) => {
    const purpose = i + 1;
    if (purpose === 1) return analytics || ads;
    return [8, 9].includes(purpose) ? analytics : [2, 3, 4, 7].includes(purpose) && ads;
  });
  let bits = '';
  const add = (value, width) => { bits += value.toString(2).padStart(width, '0'); };
  const letters = (text) => { for (const c of text) add(c.charCodeAt(0) - 65, 6); };
  const day = Math.floor(Date.now() / 86400000) * 864000; // deciseconds
  add(2, 6); add(day, 36); add(day, 36);
  add(31, 12); add(1, 12); add(1, 6); letters('EN'); add(150, 12); add(5, 6); add(1, 1); add(0, 1); add(0, 12);
  for (const granted of purposes) add(granted ? 1 : 0, 1);
  add(0, 24); add(0, 1); letters('DE');
  add(0, 16); add(0, 1); // vendors with consent
  add(0, 16); add(0, 1); // with a legitimate interest
  add(0, 12); // publisher restrictions
  return packed(bits) + '.' + packed('001' + '0'.repeat(17)); // and the vendors that were disclosed: none
}

function packed(bits) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  let text = '';
  for (let i = 0; i < bits.length; i += 6) text += alphabet[parseInt(bits.slice(i, i + 6).padEnd(6, '0'), 2)];
  return text;
}

// gppString is a GPP string with one section, California's, that says whether the sale and sharing of data were opted out of.
// https://github.com/InteractiveAdvertisingBureau/Global-Privacy-Platform
function gppString(optedOut) {
  const answer = optedOut ? '01' : '10';
  return 'DBABBg~' + packed('000001' + '010101' + answer + answer + '0'.repeat(24) + '01' + '0000');
}

// The opt-outs of the United States say nothing about analytics.
const usFormats = {
  usprivacy: (analytics, ads) => [`usprivacy=1Y${ads ? 'N' : 'Y'}N`],
  gpp: (analytics, ads) => [`IABGPP_HDR_GppString=${gppString(!ads)}`, 'IABGPP_GppSID=8'],
  // A tool that has only the API of the standard: the snippet of docs/consent-snippets.md writes the cookies.
  gppapi: (analytics, ads) => { announce(gppString(!ads)); return []; },
};

// gppListeners are told of changes by window.__gpp, which a page of the tool gppapi has.
const gppListeners = [];
let gppPing = { gppString: 'DBAA', signalStatus: 'not ready', applicableSections: [8] };

function announce(string) {
  for (const [eventName, ping] of [['signalStatus', { signalStatus: 'not ready' }], ['sectionChange', { gppString: string }], ['signalStatus', { signalStatus: 'ready' }]]) {
    gppPing = { ...gppPing, ...ping };
    for (const listener of gppListeners) listener({ eventName, pingData: gppPing }, true);
  }
}

if (location.pathname === '/gppapi') {
  window.__gpp = (command, callback) => {
    if (command === 'ping') callback(gppPing, true);
    if (command !== 'addEventListener') return;
    gppListeners.push(callback);
    callback({ eventName: 'listenerRegistered', pingData: gppPing }, true);
  };
}

// Tools that ask a single question, so that nobody can accept statistics only.
const bannerFormats = {
  cookieconsent: (accepted) => [`cookieconsent_status=${accepted ? 'allow' : 'deny'}`],
  cookieseubanner: (accepted) => [`hasConsent=${accepted}`],
  reactcookieconsent: (accepted) => [`CookieConsent=${accepted}`],
  canonical: (accepted) => [`_cookies_accepted=${accepted ? 'all' : 'essential'}`],
};

// forward runs the snippet for a tool, which writes a cookie of its own.
function forward(tool) {
  const script = document.createElement('script');
  script.textContent = snippets[tool];
  document.head.append(script);
  return [];
}

const formats = {
  onetrust: (analytics, ads) => [
    `OptanonConsent=isGpcEnabled=0&interactionCount=1&groups=C0001%3A1%2CC0002%3A${bit(analytics)}%2CC0003%3A0%2CC0004%3A${bit(ads)}`,
    `OptanonAlertBoxClosed=${now()}`],
  cookiebot: (analytics, ads) => [
    `CookieConsent={stamp:%27x%27%2Cnecessary:true%2Cpreferences:false%2Cstatistics:${analytics}%2Cmarketing:${ads}%2Cmethod:%27explicit%27%2Cver:1%2Cutc:${Date.now()}}`],
  cookieyes: (analytics, ads) => {
    const word = (yes) => (yes ? 'yes' : 'no');
    return [`cookieyes-consent=consentid:abc,consent:yes,action:yes,necessary:yes,functional:no,analytics:${word(analytics)},performance:${word(analytics)},advertisement:${word(ads)}`];
  },
  cookielaw: (analytics, ads) => {
    const word = (yes) => (yes ? 'yes' : 'no');
    return ['viewed_cookie_policy=yes', `cookielawinfo-checkbox-analytics=${word(analytics)}`, `cookielawinfo-checkbox-advertisement=${word(ads)}`];
  },
  complianz: (analytics, ads) => {
    const word = (yes) => (yes ? 'allow' : 'deny');
    return ['cmplz_banner-status=dismissed', 'cmplz_preferences=deny', `cmplz_statistics=${word(analytics)}`, `cmplz_marketing=${word(ads)}`];
  },
  trustarc: (analytics, ads) => [`notice_gdpr_prefs=0${analytics ? ',1' : ''}${ads ? ',2' : ''}:`, 'notice_behavior=expressed,eu'],
  cookiefirst: (analytics, ads) => [`cookiefirst-consent=${json({ necessary: true, performance: analytics, functional: false, advertising: ads })}`],
  cookiescript: (analytics, ads) => [
    `CookieScriptConsent=${json({ action: analytics || ads ? 'accept' : 'reject', categories: JSON.stringify(only({ performance: analytics, targeting: ads })) })}`],
  cookieinformation: (analytics, ads) => {
    const all = { cookie_cat_statistic: analytics, cookie_cat_marketing: ads };
    return [`CookieInformationConsent=${json({ consents_approved: only(all), consents_denied: Object.keys(all).filter((key) => !all[key]) })}`];
  },
  borlabs: (analytics, ads) => [
    `borlabs-cookie=${json({ consents: { essential: ['borlabs-cookie'], ...(analytics && { statistics: ['a'] }), ...(ads && { marketing: ['b'] }) } })}`],
  iubenda: (analytics, ads) => [`_iub_cs-1=${json({ timestamp: now(), purposes: { 1: true, 2: false, 3: false, 4: analytics, 5: ads } })}`],
  ketch: (analytics, ads) => {
    const status = (yes) => (yes ? 'granted' : 'denied');
    return [`_ketch_consent_v1_=${encodeURIComponent(btoa(JSON.stringify({
      a: { status: status(analytics), canonicalPurposes: ['analytics'] },
      b: { status: status(ads), canonicalPurposes: ['behavioral_advertising'] } })))}`];
  },
  didomi: (analytics, ads) => {
    const all = { 'audience-x': analytics, 'ads-x': ads };
    return [`didomi_token=${btoa(JSON.stringify({ purposes: { enabled: only(all), disabled: Object.keys(all).filter((key) => !all[key]) } }))}`];
  },
  axeptio: (analytics, ads) => [`axeptio_cookies=${json({ $$completed: true, $$date: now(), google_analytics: analytics, facebook_pixel: ads })}`],
  civic: (analytics, ads) => {
    const word = (yes) => (yes ? 'accepted' : 'revoked');
    return [`CookieControl=${JSON.stringify({ optionalCookies: { analytics: word(analytics), marketing: word(ads) }, interactedWith: true })}`];
  },
  vanilla: (analytics, ads) => [`cc_cookie=${json({
    categories: ['necessary', ...only({ analytics, marketing: ads })], revision: 0, data: null, consentTimestamp: now(), consentId: 'x',
    services: { necessary: [], analytics: [], marketing: [] }, languageCode: 'en', lastConsentTimestamp: now(), expirationTime: Date.now() + 1e9 })}`],
  vanillaold: (analytics, ads) => [`cc_cookie=${JSON.stringify({
    categories: ['necessary', ...only({ analytics, marketing: ads })], revision: 0, data: null, rfc_cookie: false, consent_date: now(), last_consent_update: now() })}`],
  c15t: (analytics, ads) => [`c15t=c.necessary:1${analytics ? ',c.measurement:1' : ''}${ads ? ',c.marketing:1' : ''},i.t:${Date.now()},i.y:custom`],
  orejime: (analytics, ads) => [`eu-consent=${json({ google_analytics: analytics, facebook_pixel: ads })}`],
  klaro: (analytics, ads) => [`klaro=${json({ google_analytics: analytics, facebook_pixel: ads })}`],
  tarteaucitron: (analytics, ads) => [`tarteaucitron=!google_analytics=${analytics}!facebook_pixel=${ads}`],
  transcend: (analytics, ads) => [`tcm=${json({ purposes: { Analytics: analytics, Advertising: ads }, confirmed: true, timestamp: now() })}`],
  shopify: (analytics, ads) => [`_tracking_consent=${json({ con: { CMP: { a: bit(analytics), m: bit(ads), p: '0', s: '' } }, v: '2.1' })}`],
  piwikpro: (analytics, ads) => [
    `ppms_privacy_abc=${json({ consents: { analytics: { status: analytics ? 1 : 0 }, remarketing: { status: ads ? 1 : 0 }, conversion_tracking: { status: ads ? 1 : 0 } } })}`],
  pandectes: (analytics, ads) => [`_pandectes_gdpr=${encodeURIComponent(btoa(JSON.stringify({ preferences: 1 + (analytics ? 0 : 2) + (ads ? 0 : 4) })))}`],
  osano: (analytics, ads) => {
    const word = (yes) => (yes ? 'ACCEPT' : 'DENY');
    return [`osano_consentmanager=${json({ ANALYTICS: word(analytics), MARKETING: word(ads) })}`];
  },
  consentmanager: (analytics, ads) => [`__cmpconsentx1=${tcString(analytics, ads)}`],
  google: (analytics, ads) => [`FCCDCF=${json([null, null, null, [tcString(analytics, ads), '2~1~dv.', 'x']])}`],
  tcf: (analytics, ads) => [`euconsent-v2=${tcString(analytics, ads)}`],
  // Tools whose answer no server can read: a snippet on the page writes the compact value.
  snippet: (analytics, ads) => [`_c=by:usercentrics,analytics:${bit(analytics)},marketing:${bit(ads)}`],
  // Those keep the answer where no server can see it: the snippet of docs/consent-snippets.md forwards it.
  usercentrics: (analytics, ads) => {
    localStorage.setItem('ucData', JSON.stringify({ consent: { services: { 'service-1': { consent: analytics }, 'service-2': { consent: ads } } } }));
    return forward('Usercentrics');
  },
  termly: (analytics, ads) => {
    const value = { essential: true, analytics, advertising: ads, performance: ads, unclassified: false };
    localStorage.setItem('TERMLY_API_CACHE', JSON.stringify({ TERMLY_COOKIE_CONSENT: { createdAt: now(), value } }));
    return forward('Termly');
  },
  osano: (analytics, ads) => {
    const said = (yes) => (yes ? 'ACCEPT' : 'DENY');
    window.Osano = { cm: { getConsent: () => ({ ESSENTIAL: 'ACCEPT', ANALYTICS: said(analytics), MARKETING: said(ads), PERSONALIZATION: said(ads), OPT_OUT: said(!ads) }) } };
    return forward('Osano');
  },
};
