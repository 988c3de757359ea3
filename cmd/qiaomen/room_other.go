//go:build !unix

package main

import "errors"

func diskRoom(string) (free, total int64, err error) { return 0, 0, errors.ErrUnsupported }

func sameDisk(string, string) bool { return false }
