;; Finds where a JSON object or array ends, 64 bytes at a time, without parsing it.
;;
;; One bit stands for one byte: a word tells of 64 bytes which of them are quotes, backslashes or
;; brackets. What is escaped and what is within a string follows by arithmetic, and only the brackets
;; outside of strings are looked at one by one. In JavaScript, byte by byte, this takes four times
;; as long (npm run bench -- codec).
;;
;; Memory: 0…1023 the brackets that are open, a byte each; from 1024 the bytes to be scanned, filled
;; up with spaces to a multiple of 64. The globals carry the state from one chunk to the next.
(module
  (memory (export "memory") 2)
  (global $depth (mut i32) (i32.const 0))
  (global $maxDepth (mut i32) (i32.const 0))
  ;; All ones when the chunk so far ended within a string.
  (global $inside (mut i64) (i64.const 0))
  ;; 1 when the chunk so far ended with a backslash that escapes what follows.
  (global $escaped (mut i64) (i64.const 0))

  (func (export "begin") (param $maxDepth i32)
    (global.set $depth (i32.const 0))
    (global.set $maxDepth (local.get $maxDepth))
    (global.set $inside (i64.const 0))
    (global.set $escaped (i64.const 0)))

  ;; 16 bits: the bytes that equal $byte once $mask is or-ed to them.
  (func $match16 (param $bytes v128) (param $mask v128) (param $byte v128) (result i64)
    (i64.extend_i32_u
      (i8x16.bitmask
        (i8x16.eq (v128.or (local.get $bytes) (local.get $mask)) (local.get $byte)))))

  ;; The same for the 64 bytes at $at.
  (func $match (param $at i32) (param $mask v128) (param $byte v128) (result i64)
    (i64.or
      (i64.or
        (call $match16 (v128.load (local.get $at)) (local.get $mask) (local.get $byte))
        (i64.shl
          (call $match16 (v128.load offset=16 (local.get $at)) (local.get $mask) (local.get $byte))
          (i64.const 16)))
      (i64.or
        (i64.shl
          (call $match16 (v128.load offset=32 (local.get $at)) (local.get $mask) (local.get $byte))
          (i64.const 32))
        (i64.shl
          (call $match16 (v128.load offset=48 (local.get $at)) (local.get $mask) (local.get $byte))
          (i64.const 48)))))

  ;; The bytes that stand behind a backslash which is not itself escaped.
  (func $findEscaped (param $slashes i64) (result i64)
    (local $escapedBits i64)
    (local $slash i64)
    (local.set $escapedBits (global.get $escaped))
    (global.set $escaped (i64.const 0))
    (block $done
      (loop $each
        (br_if $done (i64.eqz (local.get $slashes)))
        ;; The lowest one that is left.
        (local.set $slash
          (i64.and (local.get $slashes) (i64.sub (i64.const 0) (local.get $slashes))))
        (if (i64.eqz (i64.and (local.get $slash) (local.get $escapedBits)))
          (then
            (local.set $escapedBits
              (i64.or (local.get $escapedBits) (i64.shl (local.get $slash) (i64.const 1))))
            ;; From the last bit it reaches into the next 64 bytes.
            (global.set $escaped (i64.shr_u (local.get $slash) (i64.const 63)))))
        (local.set $slashes (i64.xor (local.get $slashes) (local.get $slash)))
        (br $each)))
    (local.get $escapedBits))

  ;; The bytes within strings, opening quotes included: those with an odd number of quotes up to them.
  (func $findStrings (param $quotes i64) (result i64)
    (local.set $quotes
      (i64.xor (local.get $quotes) (i64.shl (local.get $quotes) (i64.const 1))))
    (local.set $quotes
      (i64.xor (local.get $quotes) (i64.shl (local.get $quotes) (i64.const 2))))
    (local.set $quotes
      (i64.xor (local.get $quotes) (i64.shl (local.get $quotes) (i64.const 4))))
    (local.set $quotes
      (i64.xor (local.get $quotes) (i64.shl (local.get $quotes) (i64.const 8))))
    (local.set $quotes
      (i64.xor (local.get $quotes) (i64.shl (local.get $quotes) (i64.const 16))))
    (local.set $quotes
      (i64.xor (local.get $quotes) (i64.shl (local.get $quotes) (i64.const 32))))
    (local.set $quotes (i64.xor (local.get $quotes) (global.get $inside)))
    (global.set $inside (i64.shr_s (local.get $quotes) (i64.const 63)))
    (local.get $quotes))

  ;; Opens or closes a bracket. 0 = go on, 1 = the value is whole; or what is wrong, as in $scan.
  (func $take (param $byte i32) (result i32)
    (if (i32.eq (local.get $byte) (i32.const 0x5c)) ;; \
      (then (return (i32.const -3))))
    ;; { and [ differ from } and ] in these bits: 0x7b, 0x5b against 0x7d, 0x5d.
    (if (i32.eq (i32.and (local.get $byte) (i32.const 6)) (i32.const 2))
      (then
        (if (i32.eq (global.get $depth) (global.get $maxDepth))
          (then (return (i32.const -1))))
        (i32.store8 (global.get $depth) (local.get $byte))
        (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
        (return (i32.const 0))))
    (global.set $depth (i32.sub (global.get $depth) (i32.const 1)))
    ;; A closing bracket is its opening one plus 2.
    (if (i32.ne
          (i32.load8_u (global.get $depth))
          (i32.sub (local.get $byte) (i32.const 2)))
      (then (return (i32.const -2))))
    (i32.eqz (global.get $depth)))

  ;; Scans $length bytes, a multiple of 64. Returns the offset after the end of the value; 0 when it
  ;; goes on behind them; -1 when it nests too deep, -2 when a bracket is closed by another kind,
  ;; -3 when a backslash stands outside of strings.
  (func (export "scan") (param $length i32) (result i32)
    (local $at i32)
    (local $end i32)
    (local $bit i32)
    (local $taken i32)
    (local $slashes i64)
    (local $strings i64)
    (local $rest i64)
    (local.set $at (i32.const 1024))
    (local.set $end (i32.add (local.get $length) (i32.const 1024)))
    (loop $blocks
      (local.set $slashes
        (call $match (local.get $at) (v128.const i64x2 0 0) (i8x16.splat (i32.const 0x5c))))
      (local.set $strings
        (call $findStrings
          (i64.and
            (call $match (local.get $at) (v128.const i64x2 0 0) (i8x16.splat (i32.const 0x22)))
            (i64.xor (call $findEscaped (local.get $slashes)) (i64.const -1)))))
      ;; Where all 64 bytes are within a string, as in a long text, there is nothing more to find.
      (if (i64.ne (local.get $strings) (i64.const -1))
        (then
          ;; Brackets and backslashes outside of strings: { and [, } and ] become one by the bit 0x20.
          (local.set $rest
            (i64.and
              (i64.or
                (local.get $slashes)
                (i64.or
                  (call $match
                    (local.get $at) (i8x16.splat (i32.const 0x20)) (i8x16.splat (i32.const 0x7b)))
                  (call $match
                    (local.get $at) (i8x16.splat (i32.const 0x20)) (i8x16.splat (i32.const 0x7d)))))
              (i64.xor (local.get $strings) (i64.const -1))))
          (block $done
            (loop $each
              (br_if $done (i64.eqz (local.get $rest)))
              (local.set $bit (i32.wrap_i64 (i64.ctz (local.get $rest))))
              (local.set $taken
                (call $take (i32.load8_u (i32.add (local.get $at) (local.get $bit)))))
              (if (i32.lt_s (local.get $taken) (i32.const 0))
                (then (return (local.get $taken))))
              (if (local.get $taken)
                (then
                  (return (i32.sub (i32.add (local.get $at) (local.get $bit)) (i32.const 1023)))))
              (local.set $rest
                (i64.and (local.get $rest) (i64.sub (local.get $rest) (i64.const 1))))
              (br $each)))))
      (local.set $at (i32.add (local.get $at) (i32.const 64)))
      (br_if $blocks (i32.lt_u (local.get $at) (local.get $end))))
    (i32.const 0)))
