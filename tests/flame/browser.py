# tests/flame/browser.py - drives a headless Chromium through chromedriver, standard library only
import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

SKIP = 77
ARGUMENTS = [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--force-device-scale-factor=1', '--hide-scrollbars',
]
ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'
KEYS = {
    'Enter': '\ue007', 'Escape': '\ue00c', 'ArrowLeft': '\ue012', 'ArrowUp': '\ue013',
    'ArrowRight': '\ue014', 'ArrowDown': '\ue015', 'Shift': '\ue008', 'Control': '\ue009',
}


def available():
    return shutil.which('chromedriver') and shutil.which('chromium')


def skip_without_browser():
    if not available():
        print('SKIP: chromium and chromium-driver are not installed')
        sys.exit(SKIP)


class Browser:
    """One window of one browser with an empty profile; a context manager."""

    def __init__(self, width=1400, height=1000):
        self.size = (width, height)

    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix='diag-flame-browser-')
        environment = dict(os.environ, HOME=self.profile)
        # It takes a port that is free, and prints which one: tests run at the same time.
        self.driver = subprocess.Popen(['chromedriver', '--port=0'], env=environment, stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
        self.base = f'http://127.0.0.1:{self._port()}'
        self._wait_for_driver()
        arguments = ARGUMENTS + [f'--user-data-dir={self.profile}/data',
                                 f'--window-size={self.size[0]},{self.size[1]}']
        capabilities = {'browserName': 'chrome', 'goog:chromeOptions': {
            'args': arguments, 'binary': shutil.which('chromium')}}
        answer = self._call('POST', '/session', {'capabilities': {'alwaysMatch': capabilities}})
        self.session = f"/session/{answer['sessionId']}"
        return self

    def __exit__(self, *_):
        try:
            self._call('DELETE', self.session)
        finally:
            self.driver.terminate()
            self.driver.wait(timeout=60)
            self.driver.stdout.close()
            shutil.rmtree(self.profile, ignore_errors=True)

    def cpu_seconds(self):
        """CPU time of the driver and of all processes of the browser that have not ended."""
        parents, used = {}, {}
        for pid in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open(f'/proc/{pid}/stat', encoding='utf-8', errors='replace') as stat:
                    fields = stat.read().rsplit(')', 1)[1].split()
            except OSError:
                continue  # it has ended
            parents[int(pid)], used[int(pid)] = int(fields[1]), int(fields[11]) + int(fields[12])
        ours = {self.driver.pid}
        while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
            ours |= more
        return sum(used.get(pid, 0) for pid in ours) / os.sysconf('SC_CLK_TCK')

    def _port(self):
        for line in self.driver.stdout:
            started = re.search(r'successfully on port (\d+)', line)
            if started:
                return started.group(1)
        raise RuntimeError('chromedriver has not started')

    def _wait_for_driver(self):
        for _ in range(200):
            try:
                if self._call('GET', '/status')['ready']:
                    return
            except (OSError, urllib.error.URLError):
                time.sleep(0.05)
        raise RuntimeError('chromedriver does not answer')

    def _call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, method=method,
                                         headers={'Content-Type': 'application/json'})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)['value']
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)['value']['message']) from None

    def call(self, path, body):
        return self._call('POST', self.session + path, body)

    def open(self, url):
        self.call('/url', {'url': url})

    def run(self, script, *arguments):
        """The value of a function body in the page."""
        return self.call('/execute/sync', {'script': script, 'args': list(arguments)})

    def devtools(self, command, **parameters):
        return self.call('/goog/cdp/execute', {'cmd': command, 'params': parameters})

    def resize(self, width, height):
        self.devtools('Emulation.setDeviceMetricsOverride', width=width, height=height,
                      deviceScaleFactor=1, mobile=False)

    def dark(self, on):
        self.devtools('Emulation.setEmulatedMedia', features=[
            {'name': 'prefers-color-scheme', 'value': 'dark' if on else 'light'}])

    def scripts(self, on):
        self.devtools('Emulation.setScriptExecutionDisabled', value=not on)

    def mouse(self, x, y, click=True):
        actions = [{'type': 'pointerMove', 'duration': 0, 'x': int(x), 'y': int(y)}]
        if click:
            actions += [{'type': 'pointerDown', 'button': 0}, {'type': 'pointerUp', 'button': 0}]
        self.call('/actions', {'actions': [
            {'type': 'pointer', 'id': 'mouse', 'parameters': {'pointerType': 'mouse'},
             'actions': actions}]})

    def tap(self, x, y):
        point = {'x': x, 'y': y}
        self.devtools('Input.dispatchTouchEvent', type='touchStart', touchPoints=[point])
        self.devtools('Input.dispatchTouchEvent', type='touchEnd', touchPoints=[])

    def press(self, *keys):
        """Keys one after the other; 'Shift+c' holds the first one."""
        actions = []
        for key in keys:
            *held, last = key.split('+') if len(key) > 1 else [key]
            codes = [KEYS.get(name, name) for name in held + [last]]
            actions += [{'type': 'keyDown', 'value': code} for code in codes]
            actions += [{'type': 'keyUp', 'value': code} for code in reversed(codes)]
        self.call('/actions', {'actions': [{'type': 'key', 'id': 'keys', 'actions': actions}]})

    def click(self, selector):
        x, y = self.run(
            'const box = document.querySelector(arguments[0]).getBoundingClientRect();'
            'return [box.left + box.width / 2, box.top + box.height / 2]', selector)
        self.mouse(x, y)

    def text(self, selector):
        return self.run('const e = document.querySelector(arguments[0]);'
                        'return e ? e.textContent : null', selector)

    def back(self):
        self.call('/back', {})

    def screenshot(self, path):
        answer = self.devtools('Page.captureScreenshot', format='png',
                               captureBeyondViewport=True)
        with open(path, 'wb') as file:
            file.write(base64.b64decode(answer['data']))

    def log(self):
        return self._call('POST', self.session + '/se/log', {'type': 'browser'})
