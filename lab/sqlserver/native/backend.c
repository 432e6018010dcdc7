/* Functions that run inside the stand-in's PostgreSQL 15, for what PL/pgSQL does a hundred times slower.
 *
 * The server's headers are a large package (they bring LLVM), so the few declarations that version-1 functions need are
 * written out here. They are PostgreSQL 15's (fmgr.h, postgres.h); the magic block makes any other version refuse the
 * library, and the stand-in then keeps its PL/pgSQL functions. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef uintptr_t Datum;
typedef struct {
  Datum value;
  bool isnull;
} NullableDatum;
typedef struct {
  void *flinfo, *context, *resultinfo;
  uint32_t fncollation;
  bool isnull;
  int16_t nargs;
  NullableDatum args[];
} *FunctionCallInfo;
typedef struct {
  int api_version;
} Pg_finfo_record;
typedef struct {
  int len, version, funcmaxargs, indexmaxkeys, namedatalen, float8byval;
  char abi_extra[32];
} Pg_magic_struct;

extern uint8_t *pg_detoast_datum_packed(void *datum);
extern void *palloc(size_t size);

const Pg_magic_struct *Pg_magic_func(void);
const Pg_magic_struct *Pg_magic_func(void) {
  static const Pg_magic_struct magic = {sizeof(Pg_magic_struct), 1500, 100, 32, 64, 1, "PostgreSQL"};
  return &magic;
}

#define FUNCTION(name)                          \
  const Pg_finfo_record *pg_finfo_##name(void); \
  const Pg_finfo_record *pg_finfo_##name(void) { \
    static const Pg_finfo_record info = {1};    \
    return &info;                               \
  }                                             \
  Datum name(FunctionCallInfo call);            \
  Datum name(FunctionCallInfo call)

typedef struct {
  const uint8_t *data;
  size_t size;
} bytes;

static bytes argument(FunctionCallInfo call, int i) {
  const uint8_t *p = pg_detoast_datum_packed((void *)call->args[i].value);
  if (p[0] & 1) return (bytes){p + 1, (size_t)(p[0] >> 1) - 1};
  uint32_t head;
  memcpy(&head, p, 4);
  return (bytes){p + 4, (head >> 2) - 4};
}

static uint8_t *made(size_t size) { return (uint8_t *)palloc(size + 4) + 4; }

static Datum finished(uint8_t *data, size_t size) {
  uint32_t head = (uint32_t)(size + 4) << 2;
  memcpy(data - 4, &head, 4);
  return (Datum)(data - 4);
}

/* text in UTF-8, which the server has checked, as UTF-16 little-endian */
FUNCTION(standin_utf16) {
  bytes in = argument(call, 0);
  uint8_t *out = made(2 * in.size);
  size_t at = 0;
  for (size_t i = 0; i < in.size;) {
    uint32_t c = in.data[i];
    size_t more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
    c &= more == 0 ? 0x7f : more == 1 ? 0x1f : more == 2 ? 0x0f : 0x07;
    for (i++; more && i < in.size; more--, i++) c = c << 6 | (in.data[i] & 0x3f);
    if (c >= 0x10000) {
      uint32_t high = 0xd800 + ((c - 0x10000) >> 10);
      out[at++] = (uint8_t)high;
      out[at++] = (uint8_t)(high >> 8);
      c = 0xdc00 + ((c - 0x10000) & 0x3ff);
    }
    out[at++] = (uint8_t)c;
    out[at++] = (uint8_t)(c >> 8);
  }
  return finished(out, at);
}

FUNCTION(standin_u16len) {
  bytes in = argument(call, 0);
  int32_t units = 0;
  for (size_t i = 0; i < in.size; i++) units += (in.data[i] & 0xc0) != 0x80 ? 1 + (in.data[i] >= 0xf0) : 0;
  return (Datum)(uint32_t)units;
}

/* CONVERT(integer of `size` bytes, binary): the last bytes count, the sign is the full width's */
FUNCTION(standin_bytes_int) {
  bytes in = argument(call, 0);
  size_t size = (size_t)(uint32_t)call->args[1].value, first = in.size > size ? in.size - size : 0;
  uint64_t result = 0;
  for (size_t i = first; i < in.size; i++) result = result << 8 | in.data[i];
  if (size > 1 && size < 8 && in.size >= size && result >> (8 * size - 1) & 1) result -= 1ULL << (8 * size);
  return (Datum)result;
}

FUNCTION(standin_int_bytes) {
  uint64_t value = (uint64_t)call->args[0].value;
  int32_t size = (int32_t)call->args[1].value;
  if (size < 0) size = 0;
  if (size > 8) size = 8;
  uint8_t *out = made(8);
  for (int32_t i = size; i-- > 0; value >>= 8) out[i] = (uint8_t)value;
  return finished(out, (size_t)size);
}

/* days since 0001-01-01 as a date of the proleptic Gregorian calendar */
static void calendar(int32_t days, int *year, int *month, int *day) {
  int64_t z = (int64_t)days + 306;
  int64_t era = z / 146097, doe = z - era * 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  *day = (int)(doy - (153 * mp + 2) / 5 + 1);
  *month = (int)(mp < 10 ? mp + 3 : mp - 9);
  *year = (int)(yoe + era * 400 + (*month <= 2));
}

/* (days, ticks, offset, kind, scale, style): kind 0 date, 1 time, 2 date and time, 3 with an offset; style 121 or 126 */
FUNCTION(standin_moment) {
  int32_t days = (int32_t)call->args[0].value, offset = (int32_t)call->args[2].value;
  int64_t ticks = (int64_t)call->args[1].value;
  int32_t kind = (int32_t)call->args[3].value, scale = (int32_t)call->args[4].value, style = (int32_t)call->args[5].value;
  char text[96];
  int at = 0;
  if (days < 0) days = 0;
  if (ticks < 0) ticks = 0;
  if (kind != 1) {
    int year, month, day;
    calendar(days, &year, &month, &day);
    at += snprintf(text + at, sizeof text - (size_t)at, "%04d-%02d-%02d", year, month, day);
  }
  if (kind >= 2) text[at++] = style == 126 ? 'T' : ' ';
  if (kind >= 1) {
    int64_t seconds = ticks / 10000000;
    at += snprintf(text + at, sizeof text - (size_t)at, "%02d:%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60),
                   (int)(seconds % 60));
    if (scale < 0) scale = 0;
    if (scale > 7) scale = 7;
    if (scale && !(style == 126 && scale == 3 && ticks % 10000000 == 0)) {
      char digits[16];
      snprintf(digits, sizeof digits, "%07d", (int)(ticks % 10000000));
      text[at++] = '.';
      memcpy(text + at, digits, (size_t)scale);
      at += scale;
    }
  }
  if (kind == 3) {
    int magnitude = offset < 0 ? -offset : offset;
    at += snprintf(text + at, sizeof text - (size_t)at, "%s%c%02d:%02d", style == 126 ? "" : " ", offset < 0 ? '-' : '+',
                   magnitude / 60, magnitude % 60);
  }
  uint8_t *out = made((size_t)at);
  memcpy(out, text, (size_t)at);
  return finished(out, (size_t)at);
}
