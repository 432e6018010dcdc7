/* The rows of a bulk load ([MS-TDS] 2.2.6.1, ROW and NBCROW tokens) as PostgreSQL's binary COPY rows.
 *
 * One `bulk_load` per load. The caller appends payload (packet headers taken off) and takes rows out until the DONE
 * token; only a row that is not complete yet stays in memory. Nothing is read past the bytes that were appended.
 * How the values are kept (ticks, scaled numerics) is told in lab/sqlserver/engine/types.py. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned __int128 u128;

enum form { FORM_FIXED, FORM_BYTE, FORM_SHORT, FORM_PLP };

enum kind {
  KIND_UINT8, KIND_INT, KIND_BIT, KIND_REAL, KIND_FLOAT, KIND_DECIMAL, KIND_MONEY, KIND_SMALLMONEY, KIND_DATETIME,
  KIND_SMALLDATETIME, KIND_DATE, KIND_TIME, KIND_DATETIME2, KIND_DATETIMEOFFSET, KIND_UUID, KIND_UTF16, KIND_CP1252,
  KIND_UTF8, KIND_BYTES
};

enum failure {
  FAIL_NONE, FAIL_TOKEN, FAIL_LENGTH, FAIL_TRUNCATED, FAIL_VALUE, FAIL_NUL, FAIL_SURROGATE, FAIL_MEMORY, FAIL_TOO_LARGE
};

enum step { STEP_MORE_INPUT = 0, STEP_OUTPUT_FULL = 1, STEP_DONE = 2, STEP_FAILED = -1 };

/* `limit`: bytes that the client declared (0: no limit); `target`: what the column holds, in its own unit (UTF-16 units
 * or bytes, 0: no limit); `pad`: fill up to `target`. */
typedef struct {
  int32_t form, kind, size, scale, limit, target, pad;
} column;

typedef struct {
  uint8_t *data;
  size_t size, room;
} buffer;

typedef struct {
  buffer in, out, value;
  size_t at; /* where the unread input begins */
  int32_t count, failure, failed_column;
  int64_t rows;
  column columns[];
} bulk_load;

#define MAX_VALUE 0x3fffff00u /* what one field of PostgreSQL can hold */
#define DAY_TICKS 864000000000ULL
#define MAX_DAY 3652058u
#define DAYS_TO_1900 693595
#define DAYS_TO_2000 730119

static int reserve(buffer *b, size_t more) {
  if (b->room - b->size >= more) return 1;
  size_t room = b->room ? b->room : 65536;
  while (room - b->size < more) {
    if (room > SIZE_MAX / 2) return 0;
    room *= 2;
  }
  uint8_t *data = realloc(b->data, room);
  if (!data) return 0;
  b->data = data;
  b->room = room;
  return 1;
}

static uint64_t little(const uint8_t *p, size_t n) {
  uint64_t v = 0;
  for (size_t i = n; i-- > 0;) v = v << 8 | p[i];
  return v;
}

static void big(uint8_t *p, uint64_t v, size_t n) {
  for (size_t i = n; i-- > 0; v >>= 8) p[i] = (uint8_t)v;
}

bulk_load *bulk_new(int32_t count, const column *columns) {
  if (count < 1 || count > 4096) return NULL;
  bulk_load *load = calloc(1, sizeof *load + (size_t)count * sizeof *columns);
  if (!load) return NULL;
  load->count = count;
  memcpy(load->columns, columns, (size_t)count * sizeof *columns);
  return load;
}

void bulk_free(bulk_load *load) {
  if (!load) return;
  free(load->in.data);
  free(load->out.data);
  free(load->value.data);
  free(load);
}

int bulk_feed(bulk_load *load, const uint8_t *data, size_t size) {
  if (load->at) {
    memmove(load->in.data, load->in.data + load->at, load->in.size - load->at);
    load->in.size -= load->at;
    load->at = 0;
  }
  if (!reserve(&load->in, size)) return 0;
  memcpy(load->in.data + load->in.size, data, size);
  load->in.size += size;
  return 1;
}

const uint8_t *bulk_output(const bulk_load *load) { return load->out.data; }
size_t bulk_output_size(const bulk_load *load) { return load->out.size; }
void bulk_clear_output(bulk_load *load) { load->out.size = 0; }
int64_t bulk_rows(const bulk_load *load) { return load->rows; }
int32_t bulk_failure(const bulk_load *load) { return load->failure; }
int32_t bulk_failed_column(const bulk_load *load) { return load->failed_column; }
size_t bulk_unread(const bulk_load *load) { return load->in.size - load->at; }

static int fail(bulk_load *load, int32_t failure, int32_t at) {
  load->failure = failure;
  load->failed_column = at + 1;
  return STEP_FAILED;
}

/* The bytes a value takes, or 0 when it is not complete, or SIZE_MAX when it is nonsense. */
static size_t value_span(const column *c, const uint8_t *p, size_t left) {
  switch (c->form) {
    case FORM_FIXED:
      return left >= (size_t)c->size ? (size_t)c->size : 0;
    case FORM_BYTE:
      return left >= 1 && left >= 1 + (size_t)p[0] ? 1 + (size_t)p[0] : 0;
    case FORM_SHORT: {
      if (left < 2) return 0;
      size_t size = little(p, 2);
      if (size == 0xffff) return 2;
      return left - 2 >= size ? 2 + size : 0;
    }
    default: {
      if (left < 8) return 0;
      if (little(p, 8) == UINT64_MAX) return 8;
      size_t at = 8, total = 0;
      for (;;) {
        if (left - at < 4) return 0;
        size_t size = little(p + at, 4);
        at += 4;
        if (!size) return at;
        total += size;
        if (total > MAX_VALUE) return SIZE_MAX;
        if (left - at < size) return 0;
        at += size;
      }
    }
  }
}

static uint8_t *field(bulk_load *load, size_t size) {
  if (!reserve(&load->out, size + 4)) return NULL;
  uint8_t *p = load->out.data + load->out.size;
  big(p, size, 4);
  load->out.size += size + 4;
  return p + 4;
}

static int put_integer(bulk_load *load, uint64_t value, size_t size) {
  uint8_t *p = field(load, size);
  if (!p) return FAIL_MEMORY;
  big(p, value, size);
  return FAIL_NONE;
}

/* numeric_recv: ndigits, weight, sign, dscale, then digits of base 10000. */
static int put_numeric(bulk_load *load, u128 value, int negative, int scale) {
  uint8_t text[48]; /* decimal digits, least significant first, with the scale filled up to a group of four */
  int length = 0;
  int fill = (4 - scale % 4) % 4;
  while (length < fill) text[length++] = 0;
  for (u128 rest = value; rest; rest /= 10) text[length++] = (uint8_t)(rest % 10);
  while (length % 4) text[length++] = 0;
  int groups = length / 4, fraction = (scale + fill) / 4, low = 0;
  uint16_t digits[16];
  for (int i = 0; i < groups; i++) {
    const uint8_t *t = text + 4 * i;
    digits[i] = (uint16_t)(t[0] + 10 * t[1] + 100 * t[2] + 1000 * t[3]);
  }
  while (groups && !digits[groups - 1]) groups--;
  while (low < groups && !digits[low]) low++;
  int kept = groups - low;
  uint8_t *p = field(load, 8 + 2 * (size_t)kept);
  if (!p) return FAIL_MEMORY;
  big(p, (uint64_t)kept, 2);
  big(p + 2, (uint64_t)(int64_t)(kept ? groups - 1 - fraction : 0), 2);
  big(p + 4, kept && negative ? 0x4000 : 0, 2);
  big(p + 6, (uint64_t)scale, 2);
  for (int i = 0; i < kept; i++) big(p + 8 + 2 * i, digits[groups - 1 - i], 2);
  return FAIL_NONE;
}

static const uint64_t TENS[8] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};

static int clock_size(int scale) { return scale <= 2 ? 3 : scale <= 4 ? 4 : 5; }

static int put_moment(bulk_load *load, const column *c, const uint8_t *p, size_t size) {
  size_t clock = (size_t)clock_size(c->scale);
  size_t wanted = c->kind == KIND_TIME ? clock : c->kind == KIND_DATETIME2 ? clock + 3 : clock + 5;
  if (size != wanted) return FAIL_LENGTH;
  uint64_t ticks = little(p, clock) * TENS[7 - c->scale];
  if (ticks >= DAY_TICKS) return FAIL_VALUE;
  if (c->kind == KIND_TIME) return put_integer(load, ticks, 8);
  uint64_t days = little(p + clock, 3);
  if (days > MAX_DAY) return FAIL_VALUE;
  ticks += days * DAY_TICKS;
  if (c->kind == KIND_DATETIME2) return put_integer(load, ticks, 8);
  int16_t offset = (int16_t)little(p + clock + 3, 2);
  int64_t local = (int64_t)ticks + (int64_t)offset * 600000000;
  if (offset < -840 || offset > 840 || local < 0 || (uint64_t)local >= (MAX_DAY + 1ULL) * DAY_TICKS) return FAIL_VALUE;
  return put_numeric(load, (u128)ticks * 10000 + (u128)(offset + 840), 0, 0);
}

static int put_scalar(bulk_load *load, const column *c, const uint8_t *p, size_t size) {
  static const uint8_t swap[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  switch (c->kind) {
    case KIND_UINT8:
      return size == 1 ? put_integer(load, p[0], 2) : FAIL_LENGTH;
    case KIND_BIT:
      return size == 1 ? put_integer(load, p[0] != 0, 2) : FAIL_LENGTH;
    case KIND_INT:
      return size == (size_t)c->size ? put_integer(load, little(p, size), size) : FAIL_LENGTH;
    case KIND_REAL:
    case KIND_FLOAT: {
      if (size != (size_t)c->size) return FAIL_LENGTH;
      uint64_t bits = little(p, size);
      uint64_t exponent = size == 4 ? 0x7f800000u : 0x7ff0000000000000ULL;
      return (bits & exponent) == exponent ? FAIL_VALUE : put_integer(load, bits, size);
    }
    case KIND_DECIMAL: {
      if (size < 2 || size > 17) return FAIL_LENGTH;
      u128 value = little(p + 1, size - 1 < 8 ? size - 1 : 8);
      if (size > 9) value |= (u128)little(p + 9, size - 9) << 64;
      return put_numeric(load, value, p[0] == 0, c->scale);
    }
    case KIND_MONEY:
    case KIND_SMALLMONEY: {
      if (size != (c->kind == KIND_MONEY ? 8u : 4u)) return FAIL_LENGTH;
      int64_t units = c->kind == KIND_MONEY ? (int64_t)(little(p, 4) << 32 | little(p + 4, 4)) : (int32_t)little(p, 4);
      return put_numeric(load, units < 0 ? (u128)0 - (u128)units : (u128)units, units < 0, 4);
    }
    case KIND_DATETIME: {
      if (size != 8) return FAIL_LENGTH;
      int64_t days = (int64_t)(int32_t)little(p, 4) + DAYS_TO_1900;
      uint64_t units = little(p + 4, 4);
      /* 1753-01-01 is where datetime begins. */
      if (days < 639905 || days > (int64_t)MAX_DAY || units >= 25920000) return FAIL_VALUE;
      return put_integer(load, (uint64_t)days * DAY_TICKS + (units * 100000 + 1) / 3, 8);
    }
    case KIND_SMALLDATETIME: {
      if (size != 4) return FAIL_LENGTH;
      uint64_t minutes = little(p + 2, 2);
      if (minutes >= 1440) return FAIL_VALUE;
      return put_integer(load, (little(p, 2) + DAYS_TO_1900) * DAY_TICKS + minutes * 600000000, 8);
    }
    case KIND_DATE: {
      if (size != 3) return FAIL_LENGTH;
      uint64_t days = little(p, 3);
      return days > MAX_DAY ? FAIL_VALUE : put_integer(load, days - DAYS_TO_2000, 4);
    }
    case KIND_UUID: {
      if (size != 16) return FAIL_LENGTH;
      uint8_t *out = field(load, 16);
      if (!out) return FAIL_MEMORY;
      for (int i = 0; i < 16; i++) out[i] = p[swap[i]];
      return FAIL_NONE;
    }
    default:
      return put_moment(load, c, p, size);
  }
}

static size_t put_code_point(uint8_t *out, uint32_t c) {
  if (c < 0x80) {
    out[0] = (uint8_t)c;
    return 1;
  }
  if (c < 0x800) {
    out[0] = (uint8_t)(0xc0 | c >> 6);
    out[1] = (uint8_t)(0x80 | (c & 0x3f));
    return 2;
  }
  if (c < 0x10000) {
    out[0] = (uint8_t)(0xe0 | c >> 12);
    out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    out[2] = (uint8_t)(0x80 | (c & 0x3f));
    return 3;
  }
  out[0] = (uint8_t)(0xf0 | c >> 18);
  out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
  out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
  out[3] = (uint8_t)(0x80 | (c & 0x3f));
  return 4;
}

/* Blanks (zero bytes) beyond what the column holds go; anything else there is a truncation. -1: it is one. */
static int64_t fitted(const uint8_t *p, size_t count, size_t target, int wide, uint8_t blank) {
  if (!target || count <= target) return (int64_t)count;
  for (size_t i = target; i < count; i++) {
    if (wide ? p[2 * i] != ' ' || p[2 * i + 1] : p[i] != blank) return -1;
  }
  return (int64_t)target;
}

static int put_utf16(bulk_load *load, const column *c, const uint8_t *p, size_t size) {
  if (size % 2) return FAIL_LENGTH;
  int64_t units = fitted(p, size / 2, (size_t)c->target, 1, 0);
  if (units < 0) return FAIL_TRUNCATED;
  size_t padding = c->pad && units < c->target ? (size_t)(c->target - units) : 0;
  if (!reserve(&load->out, 4 + 3 * (size_t)units + padding)) return FAIL_MEMORY;
  uint8_t *start = load->out.data + load->out.size, *out = start + 4;
  for (int64_t i = 0; i < units; i++) {
    uint32_t unit = p[2 * i] | (uint32_t)p[2 * i + 1] << 8;
    if (!unit) return FAIL_NUL;
    if (unit >= 0xd800 && unit < 0xe000) {
      if (unit >= 0xdc00 || i + 1 >= units) return FAIL_SURROGATE;
      uint32_t next = p[2 * i + 2] | (uint32_t)p[2 * i + 3] << 8;
      if (next < 0xdc00 || next > 0xdfff) return FAIL_SURROGATE;
      unit = 0x10000 + ((unit & 0x3ff) << 10) + (next & 0x3ff);
      i++;
    }
    out += put_code_point(out, unit);
  }
  memset(out, ' ', padding);
  out += padding;
  size_t written = (size_t)(out - start) - 4;
  if (written > MAX_VALUE) return FAIL_TOO_LARGE;
  big(start, written, 4);
  load->out.size += written + 4;
  return FAIL_NONE;
}

static const uint16_t CP1252[32] = {0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
                                    0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
                                    0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};

static int put_bytes(bulk_load *load, const column *c, const uint8_t *p, size_t size) {
  int text = c->kind != KIND_BYTES;
  int64_t count = fitted(p, size, (size_t)c->target, 0, text ? ' ' : 0);
  if (count < 0) return FAIL_TRUNCATED;
  size_t padding = c->pad && count < c->target ? (size_t)(c->target - count) : 0;
  if (!reserve(&load->out, 4 + 3 * (size_t)count + padding)) return FAIL_MEMORY;
  uint8_t *start = load->out.data + load->out.size, *out = start + 4;
  if (c->kind == KIND_CP1252) {
    for (int64_t i = 0; i < count; i++) {
      if (!p[i]) return FAIL_NUL;
      out += put_code_point(out, p[i] >= 0x80 && p[i] < 0xa0 ? CP1252[p[i] - 0x80] : p[i]);
    }
  } else {
    if (text && memchr(p, 0, (size_t)count)) return FAIL_NUL;
    memcpy(out, p, (size_t)count);
    out += count;
  }
  memset(out, text ? ' ' : 0, padding);
  out += padding;
  size_t written = (size_t)(out - start) - 4;
  if (written > MAX_VALUE) return FAIL_TOO_LARGE;
  big(start, written, 4);
  load->out.size += written + 4;
  return FAIL_NONE;
}

/* The chunks of a partially length-prefixed value in one piece; `span` was checked by value_span. */
static int joined(bulk_load *load, const uint8_t *p, const uint8_t **data, size_t *size) {
  size_t first = little(p + 8, 4);
  if (!first || !little(p + 12 + first, 4)) {
    *data = p + 12;
    *size = first;
    return 1;
  }
  load->value.size = 0;
  for (size_t at = 8, chunk; (chunk = little(p + at, 4)) != 0; at += 4 + chunk) {
    if (!reserve(&load->value, chunk)) return 0;
    memcpy(load->value.data + load->value.size, p + at + 4, chunk);
    load->value.size += chunk;
  }
  *data = load->value.data;
  *size = load->value.size;
  return 1;
}

static int put_value(bulk_load *load, const column *c, const uint8_t *p, size_t span) {
  const uint8_t *data = p;
  size_t size = span;
  int null = 0;
  if (c->form == FORM_BYTE) {
    data = p + 1;
    size = p[0];
    null = !size;
  } else if (c->form == FORM_SHORT) {
    data = p + 2;
    size = span - 2;
    null = little(p, 2) == 0xffff;
  } else if (c->form == FORM_PLP) {
    null = little(p, 8) == UINT64_MAX;
    if (!null && !joined(load, p, &data, &size)) return FAIL_MEMORY;
  }
  if (null) {
    if (!reserve(&load->out, 4)) return FAIL_MEMORY;
    memset(load->out.data + load->out.size, 0xff, 4);
    load->out.size += 4;
    return FAIL_NONE;
  }
  if (c->limit && size > (size_t)c->limit) return FAIL_LENGTH;
  if (c->kind == KIND_UTF16) return put_utf16(load, c, data, size);
  if (c->kind >= KIND_CP1252) return put_bytes(load, c, data, size);
  return put_scalar(load, c, data, size);
}

static int is_null(const uint8_t *bitmap, int32_t i) { return bitmap[i / 8] >> (i % 8) & 1; }

/* One row that begins at `p`. Returns its bytes; 0: not complete; SIZE_MAX: failed. */
static size_t take_row(bulk_load *load, const uint8_t *p, size_t left) {
  const uint8_t *bitmap = NULL;
  size_t head = 1;
  if (p[0] == 0xd2) {
    bitmap = p + 1;
    head += ((size_t)load->count + 7) / 8;
    if (left < head) return 0;
  }
  size_t at = head;
  for (int32_t i = 0; i < load->count; i++) {
    if (bitmap && is_null(bitmap, i)) continue;
    size_t span = value_span(&load->columns[i], p + at, left - at);
    if (span == SIZE_MAX) {
      fail(load, FAIL_TOO_LARGE, i);
      return SIZE_MAX;
    }
    if (!span) return 0;
    at += span;
  }
  size_t end = at, mark = load->out.size;
  if (!reserve(&load->out, 2)) {
    fail(load, FAIL_MEMORY, 0);
    return SIZE_MAX;
  }
  big(load->out.data + load->out.size, (uint64_t)load->count, 2);
  load->out.size += 2;
  at = head;
  for (int32_t i = 0; i < load->count; i++) {
    int failure = FAIL_NONE;
    if (bitmap && is_null(bitmap, i)) {
      if (!reserve(&load->out, 4)) failure = FAIL_MEMORY;
      else {
        memset(load->out.data + load->out.size, 0xff, 4);
        load->out.size += 4;
      }
    } else {
      size_t span = value_span(&load->columns[i], p + at, end - at);
      failure = put_value(load, &load->columns[i], p + at, span);
      at += span;
    }
    if (failure) {
      load->out.size = mark;
      fail(load, failure, i);
      return SIZE_MAX;
    }
  }
  load->rows++;
  return end;
}

int bulk_step(bulk_load *load, size_t enough) {
  if (load->failure) return STEP_FAILED;
  for (;;) {
    if (load->out.size >= enough) return STEP_OUTPUT_FULL;
    size_t left = load->in.size - load->at;
    if (!left) return STEP_MORE_INPUT;
    const uint8_t *p = load->in.data + load->at;
    if (p[0] == 0xfd) {
      if (left < 13) return STEP_MORE_INPUT;
      load->at += 13;
      return STEP_DONE;
    }
    if (p[0] != 0xd1 && p[0] != 0xd2) return fail(load, FAIL_TOKEN, -1);
    size_t taken = take_row(load, p, left);
    if (taken == SIZE_MAX) return STEP_FAILED;
    if (!taken) return STEP_MORE_INPUT;
    load->at += taken;
  }
}
