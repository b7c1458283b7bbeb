#!/bin/sh
# The compiler of a tested build: lints each crate of the workspace while it compiles it, and optimises a little what programs and tests
# call. That is what they spend their time in; optimised themselves, tests would take longer to compile than they save (`console`'s
# suite eight minutes instead of one), and `app` as well.
case " $* " in
*" --test "* | *" --crate-name app "* | *" --crate-name build_script_"* | *" --crate-type bin "* | *" --crate-type cdylib "*) ;;
# Assertions are those of a build that is not optimised: tests of crashes rest on them.
*" --crate-type lib "*) set -- "$@" -C opt-level=1 -C debug-assertions=on -C overflow-checks=on ;;
esac
exec clippy-driver "$@"
